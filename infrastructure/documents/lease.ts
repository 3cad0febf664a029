import { setTimeout as pause } from "node:timers/promises";
import { ulid } from "ulid";
import { MAX_CLOCK_SKEW_MS } from "../../schemas/values/clock-skew";
import { DuplicateKey, type Collection, type Doc } from "./collection";

/** A lock with an expiry, held by the process that `owner` (a ULID) stands for. */
export type Lease = Doc & { readonly owner: string | null; readonly until: Date };

/**
 * Does the work while no other process holds the lease; waits until the lease is free. The lease of a process that died
 * expires. A process that pauses longer than `leaseMs` loses the lease, and `assertHeld` throws from then on: call it before
 * each write.
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

/** `withLease` that does not wait: resolves to null, with the work undone, where another process holds the lease. */
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
			// An expiry beyond any lease was set by a wrong clock.
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
		await leases.insert({ _id, owner, until: expiryAfter(leaseMs) }); // no process has ever held it
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
			() => undefined // the next renewal may succeed; otherwise the lease expires
		);
	}, leaseMs / 3);
	try {
		return await work(() => {
			if (lost) throw new Error(`The turn for ${_id} went to another process`);
		});
	} finally {
		clearInterval(renewing);
		await leases.change({ _id, owner }, { $set: { owner: null, until: new Date(0) } });
	}
}
