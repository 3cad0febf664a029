import type * as BackendsModule from "../../infrastructure/backends";
import { INVARIANTS } from "../../invariants/invariants";

/** All violations of the invariants in this process's shop, with the outboxes of the named collections. */
export async function findViolations(outboxCollections: readonly string[] = []): Promise<string[]> {
	const { backends } = require("../../infrastructure/backends") as typeof BackendsModule;
	const quiet = { info() {}, warn() {}, error() {}, debug() {} };
	const context = {
		collection: backends.collection,
		facts: backends.facts(quiet),
		outboxCollections,
		now: new Date()
	};
	const all = INVARIANTS.map(async i => (await i.violations(context)).map(v => `${i.name} ${v}`));
	return (await Promise.all(all)).flat();
}
