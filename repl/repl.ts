import type { ServiceBroker } from "moleculer";
import { readStringField } from "../infrastructure/trace/field";
import { isRefusalType } from "../schemas/refusal-types";
import { call } from "../schemas/registry";
import type { TraceStep } from "../schemas/traces.contract";
import { factCommands } from "./repl.facts";

/** A daily question or deed in the REPL. */
export type ShopCommand = {
	readonly name: string;
	/** What it has to be given, where it needs something. */
	readonly argument?: string;
	readonly description: string;
	run(broker: ServiceBroker, given: string): Promise<void>;
};

/** As the REPL wants it: `args` has a field for each word in <> or [] of the declaration; its types say otherwise. */
type ReplCommand = {
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

const shopCommands: readonly ShopCommand[] = [
	{
		name: "order",
		argument: "no",
		description: "What happened to an order, by its number or id, or the id of a request about it",
		async run(broker, id) {
			const steps = await call(broker, "traces.ofOrder", { id });
			print(steps.map(lineOf).join("\n"));
		}
	},
	...factCommands
];

const usageOf = ({ name, argument }: ShopCommand) => (argument ? `${name} <${argument}>` : name);

/** A refusal is an answer like others: in one line, without where it came from. */
async function run(command: ShopCommand, broker: ServiceBroker, given: string): Promise<void> {
	try {
		await command.run(broker, given);
	} catch (err) {
		const type = readStringField(err, "type");
		if (!isRefusalType(type)) throw err;
		print(`${type}: ${readStringField(err, "message")}`);
	}
}

/** Each by its own name, and as a word after `mall`. */
export const replCommands: readonly ReplCommand[] = [
	...shopCommands.map(one => ({
		command: usageOf(one),
		description: one.description,
		action: (broker: ServiceBroker, args: unknown) =>
			run(one, broker, readStringField(args, one.argument ?? "") ?? "")
	})),
	{
		command: "mall [command] [given]",
		description: `The shop's own commands: ${shopCommands.map(usageOf).join(", ")}`,
		async action(broker, args) {
			const [name, given] = [readStringField(args, "command"), readStringField(args, "given") ?? ""];
			const found = shopCommands.find(one => one.name === name && (given !== "") === !!one.argument);
			if (found) return run(found, broker, given);
			print(shopCommands.map(one => `mall ${usageOf(one).padEnd(14)} ${one.description}`).join("\n"));
		}
	}
];
