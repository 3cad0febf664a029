import type { ServiceBroker } from "moleculer";
import { field } from "../mixins/trace/field";
import { call } from "../schemas/registry";
import type { TraceStep } from "../schemas/traces.contract";
import { factCommands } from "./repl.facts";

/** A command of the REPL: `args` has a field for each word in <> of its declaration; the REPL's types say otherwise. */
export type Command = {
	readonly command: string;
	readonly description: string;
	action(broker: ServiceBroker, args: unknown): Promise<void>;
};

const print = (text: string) => process.stdout.write(`${text}\n`);

const lineOf = ({ at, service, node, step, event, attempt, ms, outcome }: TraceStep): string =>
	[
		at.slice(0, -1).replace("T", " "),
		`${ms} ms`.padStart(9),
		service.padEnd(10),
		[step, event].filter(Boolean).join(" "),
		attempt > 1 ? `(attempt ${attempt})` : "",
		`→ ${outcome}`,
		node === null ? "" : `@ ${node}`
	]
		.filter(Boolean)
		.join("  ");

export const replCommands: readonly Command[] = [
	{
		command: "order <no>",
		description: "What happened to an order, by its number or id, or the id of a request about it",
		async action(broker, args) {
			const steps = await call(broker, "traces.ofOrder", { id: field(args, "no") ?? "" });
			print(steps.map(lineOf).join("\n"));
		}
	},
	...factCommands
];
