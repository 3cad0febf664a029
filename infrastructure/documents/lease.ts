import { setTimeout as pause } from "node:timers/promises";
import { ulid } from "ulid";
import { DuplicateKey, type Collection, type Doc } from "./collection";
import { MAX_CLOCK_SKEW_MS } from "../../schemas/clock-skew";

export type Lease = Doc & { readonly owner: string | null; readonly until: Date };

/**
 * Does the work while no other process does: each waits for its turn. Who dies leaves the lease to end by its time. `held`
 * throws once the lease is lost (after a pause longer than it): whoever is about to write asks it first.
 */
export async function withLease<R>(
	leases: Collection<Lease>,
	_id: string,
	leaseMs: number,
	work: (assertHeld: () => void) => Promise<R>
): Promise<R> {
	const owner = ulid();
	while (!(await acquireLease(leases, _id, owner, leaseMs))) await pause(Math.min(250, leaseMs / 4));
	return holdLease(leases, _id, owner, leaseMs, work);
}

/** As `inTurn`, but left undone, for null, while another process is at it. */
export async function withLeaseIfFree<R>(
	leases: Collection<Lease>,
	_id: string,
	leaseMs: number,
	work: (assertHeld: () => void) => Promise<R>
): Promise<R | null> {
	const owner = ulid();
	return (await acquireLease(leases, _id, owner, leaseMs))
		? holdLease(leases, _id, owner, leaseMs, work)
		: null;
}

const expiryAfter = (leaseMs: number) => new Date(Date.now() + leaseMs);

async function acquireLease(
	leases: Collection<Lease>,
	_id: string,
	owner: string,
	leaseMs: number
): Promise<boolean> {
	const take = () =>
		leases.change(
			// One that ends much later than any was taken by a clock that was wrong.
			{
				_id,
				$or: [
					{ until: { $lt: new Date() } },
					{ until: { $gt: expiryAfter(leaseMs + MAX_CLOCK_SKEW_MS) } }
				]
			},
			{ $set: { owner, until: expiryAfter(leaseMs) } }
		);
	if (await take()) return true;
	try {
		await leases.insert({ _id, owner, until: expiryAfter(leaseMs) }); // the first one ever
		return true;
	} catch (err) {
		if (err instanceof DuplicateKey) return false;
		throw err;
	}
}

async function holdLease<R>(
	leases: Collection<Lease>,
	_id: string,
	owner: string,
	leaseMs: number,
	work: (assertHeld: () => void) => Promise<R>
): Promise<R> {
	let lost = false;
	const renewing = setInterval(() => {
		leases.change({ _id, owner }, { $set: { until: expiryAfter(leaseMs) } }).then(
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
