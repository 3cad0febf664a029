import { openFacts } from "./jetstream.facts-shop";

// A process of its own that never ends what it begins with; it tells its parent of each such fact.
const [url = "", prefix = "", dataDir = ""] = process.argv.slice(2);

async function handle(fact: { id: string }, attempt: number): Promise<void> {
	process.send?.({ id: fact.id, attempt });
	await new Promise(() => {});
}

void openFacts(url, prefix, dataDir, {})
	.consume({ group: "payments", event: "order.paid", handle })
	.then(() => process.send?.("ready"));
