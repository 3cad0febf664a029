import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type * as BackendsModule from "../infrastructure/backends";
import type { Collection, Doc } from "../infrastructure/documents/collection";
import type * as SettingsModule from "../settings";
import type * as ServiceFilesModule from "../infrastructure/service-files";
import { checkSlices, NO_PROGRESS, type Outcome, type Progress } from "./check-slices";
import { INVARIANTS } from "./invariants";
import type { InvariantsContext } from "./invariants.context";
import { readStockFigures, type StockFigures } from "./stock.invariants";

/** The output of `--json`. */
export type Report = {
	/** How long reading the shop took. */
	readonly ms: number;
	readonly invariants: readonly {
		readonly name: string;
		readonly says: string;
		readonly count: number;
		/** At most MAX_LISTED of them. */
		readonly violations: readonly string[];
	}[];
	/** Null until all SKUs have been counted once. */
	readonly stock: StockFigures | null;
	/** Names of the collections and invariants of which a part is left to later checks. Empty: the whole shop was checked. */
	readonly left: readonly string[];
	/** Slices and invariants that could not be checked, each with the reason. */
	readonly failures: readonly string[];
};
const MAX_LISTED = 1000;

/** The document of the shop's progress, beside the last check (`watch.ts`). */
type StoredProgress = Doc & Progress;
const COLLECTION = "invariant_checks";
const PROGRESS = "progress";

async function checkAll(context: InvariantsContext) {
	const violations = new Map<string, readonly string[]>();
	for (const invariant of INVARIANTS) violations.set(invariant.name, await invariant.violations(context));
	return { violations, stock: await readStockFigures(context), left: [], failures: [] };
}

type Checked = Omit<Outcome, "progress"> & Pick<Report, "stock">;

/** Checks the next part of the shop for its watch, and stores how far that came. */
async function checkNext(context: InvariantsContext, checks: Collection<StoredProgress>): Promise<Checked> {
	const before = await checks.findOne({ _id: PROGRESS });
	if (!before) await checks.insertMissing([{ _id: PROGRESS, ...NO_PROGRESS, since: context.now }]);
	const { progress, ...checked } = await checkSlices(context, before, async so => {
		await checks.change({ _id: PROGRESS }, { $set: so });
	});
	return { ...checked, stock: progress.unitsOfRound };
}

/**
 * Checks as much from the beginning of each collection, what has changed lately and where the watch found violations. Writes
 * nothing: only the process that holds the watch's lease goes on with its rounds.
 */
async function checkFirst(context: InvariantsContext, checks: Collection<StoredProgress>): Promise<Checked> {
	const stored = await checks.findOne({ _id: PROGRESS });
	const { progress, ...checked } = await checkSlices(context, stored && { ...stored, cursors: {} });
	return { ...checked, stock: progress.unitsOfRound };
}

function print({ invariants, stock, left, failures }: Report): void {
	for (const { name, says, count, violations } of invariants) {
		const state = count ? "BROKEN" : left.includes(name) ? "is left to --full:" : "holds ";
		process.stdout.write(`${name} ${state} ${says}\n`);
		for (const violation of violations) process.stdout.write(`     ${violation}\n`);
	}
	if (stock)
		process.stdout.write(
			`Units: ${stock.available} available, ${stock.reserved} reserved, ${stock.sold} sold; ` +
				`SKUs sold out only because of unpaid orders: ${stock.heldOut}\n`
		);
	if (left.length)
		process.stdout.write(
			`Checked in part: ${left.join(", ")}. A running shop checks the rest by and by; --full checks everything\n`
		);
	for (const failure of failures) process.stderr.write(`Could not check ${failure}\n`);
}

async function main(): Promise<void> {
	// The parent process exited: nobody will read the result.
	process.once("disconnect", () => process.exit(2));
	process.channel?.unref();
	const { values } = parseArgs({
		options: { data: { type: "string" }, json: { type: "boolean" }, full: { type: "boolean" } }
	});
	if (values.data !== undefined) process.env["DATA_DIR"] = resolve(values.data);
	// Required here, since the modules read the settings when they are loaded.
	const { settings } = require("../settings") as typeof SettingsModule;
	const { readCollectionDeclarations, findServiceFiles } =
		require("../infrastructure/service-files") as typeof ServiceFilesModule;
	const { backends } = require("../infrastructure/backends") as typeof BackendsModule;
	backends.assertShopExists();
	const quiet = { info() {}, warn() {}, error() {}, debug() {} };
	const context = {
		collection: <T extends Doc>(name: string) => backends.collection<T>(name),
		facts: backends.facts(quiet),
		outboxCollections: readCollectionDeclarations(findServiceFiles(settings).values()).map(
			({ name }) => name
		),
		now: new Date()
	};
	const startedAt = performance.now();
	const checks = backends.collection<StoredProgress>(COLLECTION);
	// Only the watch starts this with a channel.
	const checkPart = process.connected ? checkNext : checkFirst;
	const { violations, stock, left, failures } = values.full
		? await checkAll(context)
		: await checkPart(context, checks);
	const report: Report = {
		ms: Math.round(performance.now() - startedAt),
		invariants: INVARIANTS.map(({ name, says }) => {
			const found = violations.get(name) ?? [];
			return { name, says, count: found.length, violations: found.slice(0, MAX_LISTED) };
		}),
		stock,
		left,
		failures
	};
	if (failures.length > 0) process.exitCode = 2;
	if (report.invariants.some(({ count }) => count > 0)) process.exitCode = 1;
	if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
	else print(report);
	await backends.close();
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
	process.exitCode = 2;
});
