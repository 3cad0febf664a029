import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backends } from "../../infrastructure/backends";
import type { Collection, Doc, Update } from "../../infrastructure/documents/collection";

/** The test writes the requested point to this folder and reads the passed ones from it. */
const FOLDER = process.env["CRASH_FOLDER"] ?? "";
/** Collections that only record steps; writes to them are no steps. */
const IGNORED_COLLECTIONS = /^(traces|audit|sandbox_|sessions|config|demo_loads|users|addresses|sms_)/;
/** Reads from outside and the audit's calls come at any time and change no order. */
const IGNORED_CALLS = /^call (audit\.record|payments\.ofOrder)$/;

/** "before orders.change:paid", or "trace" to record every step; null while no point is requested. */
let requestedPoint: string | null = null;
process.on("SIGUSR2", () => {
	requestedPoint = readFileSync(join(FOLDER, "requested"), "utf8") || null;
	writeFileSync(join(FOLDER, "acknowledged"), requestedPoint ?? "");
});

function passCrashPoint(when: "before" | "after", step: string): void {
	if (requestedPoint === "trace") appendFileSync(join(FOLDER, "passed"), `${when} ${step}\n`);
	if (requestedPoint !== `${when} ${step}`) return;
	// Embedded, a use case's writes usually share a commit. After a step the shop dies with a commit in between, as it may come
	// after 10 ms; before a step it dies without one.
	if (when === "after") backends.flushCommits();
	process.kill(process.pid, "SIGKILL");
}

/** Runs a step of the shop with a crash point before it and one after it. */
export async function runStep<R>(step: string, work: () => Promise<R>): Promise<R> {
	if (IGNORED_CALLS.test(step)) return work();
	passCrashPoint("before", step);
	const result = await work();
	passCrashPoint("after", step);
	return result;
}

export const exchangeWithChannel = <R>(url: string, work: () => Promise<R>): Promise<R> =>
	runStep(
		`channel ${new URL(url).pathname
			.split("/")
			.slice(4)
			.join("/")
			.replaceAll(/P[0-9A-Z]{26}/g, "no")}`,
		work
	);

/** Makes each write to the collection a step, named after the status or the field that it sets. */
export function instrumentCollection<T extends Doc>(documents: Collection<T>, name: string): Collection<T> {
	if (IGNORED_COLLECTIONS.test(name)) return documents;
	const writes = {
		insert: (...args: Parameters<Collection<T>["insert"]>) =>
			runStep(`${name}.insert`, () => documents.insert(...args)),
		change: (...args: Parameters<Collection<T>["change"]>) =>
			runStep(`${name}.change${describeTarget(args[1])}`, () => documents.change(...args)),
		remove: (where: Parameters<Collection<T>["remove"]>[0]) =>
			runStep(`${name}.remove`, () => documents.remove(where))
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

function describeTarget(update: Update): string {
	const { $set = {}, $unset = {}, ...others } = update;
	const state = $set["status"] ?? $set["state"];
	if (typeof state === "string") return `:${state}`;
	if ("outbox" in $unset) return ":published";
	const touched = [...Object.values(others).flatMap(fields => Object.keys(fields)), ...Object.keys($set)];
	return `:${touched[0] ?? "fields"}`;
}
