import type { ServiceBroker } from "moleculer";
import { readStringField } from "../infrastructure/trace/field";
import { isRefusalType } from "../schemas/errors/error-codes";
import { call } from "../schemas/registry";
import type { TraceStep } from "../schemas/traces.contract";
import { factCommands } from "./repl.facts";

/** A command for daily work with a running shop. */
export type ShopCommand = {
	readonly name: string;
	/** The name of its one argument, if it has one. */
	readonly argument?: string;
	readonly description: string;
	run(broker: ServiceBroker, argument: string): Promise<void>;
};

/** A command of moleculer-repl. `args` has a field for each word in <> or [] of `command`, unlike its types say. */
type ReplCommand = {
	readonly command: string;
	readonly description: string;
	action(broker: ServiceBroker, args: unknown): Promise<void>;
};

const print = (text: string) => process.stdout.write(`${text}\n`);

const formatStep = ({ at, service, node, step, event, attempt, ms, outcome }: TraceStep): string =>
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
		description: "The trace of an order, by its number or id, or by the id of a request about it",
		async run(broker, id) {
			const steps = await call(broker, "traces.ofOrder", { id });
			print(steps.map(formatStep).join("\n"));
		}
	},
	...factCommands
];

const formatUsage = ({ name, argument }: ShopCommand) => (argument ? `${name} <${argument}>` : name);

/** Runs the command, and prints a refusal as one line without a stack trace. */
async function run(command: ShopCommand, broker: ServiceBroker, argument: string): Promise<void> {
	try {
		await command.run(broker, argument);
	} catch (err) {
		const type = readStringField(err, "type");
		if (!isRefusalType(type)) throw err;
		print(`${type}: ${readStringField(err, "message")}`);
	}
}

/** The commands by their own names, and `mall`, which runs them by its first argument and lists them without one. */
export const replCommands: readonly ReplCommand[] = [
	...shopCommands.map(one => ({
		command: formatUsage(one),
		description: one.description,
		action: (broker: ServiceBroker, args: unknown) =>
			run(one, broker, readStringField(args, one.argument ?? "") ?? "")
	})),
	{
		command: "mall [command] [argument]",
		description: `The shop's own commands: ${shopCommands.map(formatUsage).join(", ")}`,
		async action(broker, args) {
			const name = readStringField(args, "command");
			const argument = readStringField(args, "argument") ?? "";
			const found = shopCommands.find(one => one.name === name && (argument !== "") === !!one.argument);
			if (found) return run(found, broker, argument);
			print(
				shopCommands.map(one => `mall ${formatUsage(one).padEnd(14)} ${one.description}`).join("\n")
			);
		}
	}
];
