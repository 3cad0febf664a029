import { setTimeout as pause } from "node:timers/promises";
import { ulid } from "ulid";
import { DuplicateKey, type Collection, type Doc } from "./adapter";

export type Lease = Doc & { readonly owner: string | null; readonly until: Date };

/**
 * Does the work while no other process does: each waits for its turn. Who dies leaves the lease to end by its time. `held`
 * throws once the lease is lost (after a pause longer than it): whoever is about to write asks it first.
 */
export async function inTurn<R>(
	leases: Collection<Lease>,
	_id: string,
	leaseMs: number,
	work: (held: () => void) => Promise<R>
): Promise<R> {
	const owner = ulid();
	const until = () => new Date(Date.now() + leaseMs);
	await leases.insert({ _id, owner: null, until: new Date(0) }).catch((err: unknown) => {
		if (!(err instanceof DuplicateKey)) throw err;
	});
	while (!(await leases.change({ _id, until: { $lt: new Date() } }, { $set: { owner, until: until() } })))
		await pause(Math.min(250, leaseMs / 4));

	let lost = false;
	const renewing = setInterval(() => {
		leases.change({ _id, owner }, { $set: { until: until() } }).then(
			renewed => (lost ||= renewed === null),
			() => undefined // the next one may get through; else the time runs out, and another takes it
		);
	}, leaseMs / 3);
	try {
		return await work(() => {
			if (lost) throw new Error(`The turn for ${_id} went to another process meanwhile`);
		});
	} finally {
		clearInterval(renewing);
		await leases.change({ _id, owner }, { $set: { owner: null, until: new Date(0) } });
	}
}
