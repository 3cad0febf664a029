import { backends } from "../infrastructure/backends";
import type { WithOutbox } from "../infrastructure/documents/outbox";
import { FROM_REPL } from "./repl-audit.middleware";
import { call } from "../schemas/registry";
import { settings } from "../settings";
import { readCollectionDeclarations, findServiceFiles } from "../infrastructure/service-files";
import type { ShopCommand } from "./repl";

const print = (lines: readonly string[], ifEmpty: string) =>
	process.stdout.write(`${lines.length ? lines.join("\n") : ifEmpty}\n`);

/** A line for each collection that has documents with unpublished facts. */
async function describeOutboxes(): Promise<string[]> {
	const lines: string[] = [];
	for (const { name } of readCollectionDeclarations(findServiceFiles(settings).values())) {
		const documents = backends.collection<WithOutbox>(name);
		const waiting = { outboxAt: { $exists: true } };
		const [oldest] = await documents.find(waiting, { sort: { outboxAt: 1 }, limit: 1 });
		if (!oldest) continue;
		const since = oldest.outboxAt?.toISOString() ?? "";
		lines.push(
			`${name.padEnd(22)} ${await documents.count(waiting)} documents have unpublished facts since ${since}`
		);
	}
	return lines;
}

export const factCommands: readonly ShopCommand[] = [
	{
		name: "outbox",
		description:
			"Facts that are not handled yet: unpublished on their documents, or not handled by a service",
		async run(broker) {
			const lags = await call(broker, "deadLetters.lag", {});
			const unhandled = lags
				.filter(({ pending }) => pending > 0)
				.map(
					({ consumer, event, pending, oldestAt }) =>
						`${consumer.padEnd(22)} has yet to handle ${pending} of ${event}, the oldest from ${oldestAt ?? "just now"}`
				);
			print([...(await describeOutboxes()), ...unhandled], "No fact waits to be published or handled");
		}
	},
	{
		name: "dead",
		description: "Dead letters: facts that a service gave up, newest first",
		async run(broker) {
			const { items, total } = await call(broker, "deadLetters.list", {});
			const lines = items.map(
				({ id, at, event, consumer, attempts, error }) =>
					`${id}  ${at}  ${event} at ${consumer} (${attempts} attempts): ${error.split("\n", 1)[0] ?? ""}`
			);
			const more = total > items.length ? [`and ${total - items.length} more`] : [];
			print([...lines, ...more], "No dead letters");
		}
	},
	{
		name: "redrive",
		argument: "id",
		description: "Delivers a dead letter to its service again",
		async run(broker, id) {
			await call(broker, "deadLetters.replay", { id }, { meta: FROM_REPL });
			print([], "The dead letter is being delivered again");
		}
	}
];
