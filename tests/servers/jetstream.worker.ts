import { openFacts } from "./jetstream.facts-shop";

// A process whose handlers never end; it sends each fact to its parent as it begins to handle it.
const [url = "", prefix = "", dataDir = ""] = process.argv.slice(2);

async function handle(fact: { id: string }, attempt: number): Promise<void> {
	process.send?.({ id: fact.id, attempt });
	await new Promise(() => {});
}

void openFacts(url, prefix, dataDir, {})
	.consume({ group: "payments", event: "order.paid", handle })
	.then(() => process.send?.("ready"));
