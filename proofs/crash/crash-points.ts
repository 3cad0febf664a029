import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Collection, Doc, Update } from "../../infrastructure/documents/collection";

/** Where the test writes which point it wants, and reads which were passed. */
const FOLDER = process.env["CRASH_FOLDER"] ?? "";
/** Documents that tell of a step, and are none themselves. */
const NOT_STEPS = /^(traces|audit|sandbox_|sessions|config|demo_loads|users|addresses|sms_)/;
/** Calls of whoever looks at an order from outside, and the audit's: they come when they come, and move nothing on. */
const NO_STEP = /^call (audit\.record|payments\.ofOrder)$/;

/** "before orders.change:paid", or "trace" to have every step noted; null while nothing is wanted. */
let wanted: string | null = null;
process.on("SIGUSR2", () => {
	wanted = readFileSync(join(FOLDER, "wanted"), "utf8") || null;
	writeFileSync(join(FOLDER, "heard"), wanted ?? "");
});

function pass(when: "before" | "after", step: string): void {
	if (wanted === "trace") appendFileSync(join(FOLDER, "passed"), `${when} ${step}\n`);
	if (wanted === `${when} ${step}`) process.kill(process.pid, "SIGKILL");
}

/** A step of the shop, which may die before it and after it. */
export async function passing<R>(step: string, work: () => Promise<R>): Promise<R> {
	if (NO_STEP.test(step)) return work();
	pass("before", step);
	const result = await work();
	pass("after", step);
	return result;
}

export const asking = (url: string, init: RequestInit): Promise<Response> =>
	passing(
		`channel ${new URL(url).pathname
			.split("/")
			.slice(4)
			.join("/")
			.replaceAll(/P[0-9A-Z]{26}/g, "no")}`,
		() => fetch(url, init)
	);

/** The collection, each of whose writes is a step named after where it takes the document. */
export function watched<T extends Doc>(documents: Collection<T>, name: string): Collection<T> {
	if (NOT_STEPS.test(name)) return documents;
	const writes = {
		insert: (doc: T) => passing(`${name}.insert`, () => documents.insert(doc)),
		change: (...args: Parameters<Collection<T>["change"]>) =>
			passing(`${name}.change${target(args[1])}`, () => documents.change(...args)),
		remove: (where: Parameters<Collection<T>["remove"]>[0]) =>
			passing(`${name}.remove`, () => documents.remove(where))
	};
	return new Proxy(documents, {
		get(target, key) {
			const own: unknown = Reflect.get(writes, key);
			if (own) return own;
			const value: unknown = Reflect.get(target, key);
			return typeof value === "function" ? (value as () => unknown).bind(target) : value;
		}
	});
}

function target(update: Update): string {
	const { $set = {}, $unset = {}, ...others } = update;
	const state = $set["status"] ?? $set["state"];
	if (typeof state === "string") return `:${state}`;
	if ("outbox" in $unset) return ":told";
	const touched = [...Object.values(others).flatMap(fields => Object.keys(fields)), ...Object.keys($set)];
	return `:${touched[0] ?? "fields"}`;
}
