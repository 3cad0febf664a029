import { hostname } from "node:os";
import { ulid } from "ulid";
import { DAY_MS } from "../../schemas/values/durations";
import type { Collection, Doc } from "./collection";

/** A process that uses the database: until `until`, which it moves on while it runs. */
export type RunningProcess = Doc & {
	/** `shared`: a process of the shop. `exclusive`: a command that must run alone. */
	readonly kind: "shared" | "exclusive";
	/** Host and pid, for people. */
	readonly name: string;
	readonly until: Date;
};

/** The stay of this process in the list of those that use the database. */
export type DatabaseUse = {
	/** Whether its entry is gone: somebody deleted or replaced the database meanwhile. */
	readonly isLost: () => boolean;
	readonly leave: () => Promise<void>;
};

/** Another process uses the database. */
export class DatabaseInUseError extends Error {}

/** For so long a process that was killed counts as running. */
const LEASE_MS = 30_000;

/**
 * Enters this process in the list of those that use the database, for databases that processes on several machines share.
 * Throws a DatabaseInUseError for a command that must run alone while any other process is in the list, and for a process of
 * the shop while such a command is. Each enters itself before it looks at the others, so that of two at least one sees the other.
 */
export async function enterDatabase(
	processes: Collection<RunningProcess>,
	kind: RunningProcess["kind"],
	leaseMs = LEASE_MS
): Promise<DatabaseUse> {
	const _id = ulid();
	const nextEnd = () => new Date(Date.now() + leaseMs);
	await processes.insert({ _id, kind, name: `${hostname()}:${process.pid}`, until: nextEnd() });
	const leave = async () => {
		await processes.remove({ _id });
	};
	const others = (await processes.find({ _id: { $gt: "" } })).filter(other => other._id !== _id);
	const now = Date.now();
	const running = others.filter(other => other.until.getTime() > now);
	const opponents = kind === "exclusive" ? running : running.filter(other => other.kind === "exclusive");
	if (opponents.length > 0) {
		await leave();
		throw new DatabaseInUseError(describe(kind, opponents));
	}
	const forgotten = others.filter(other => other.until.getTime() < now - DAY_MS).map(other => other._id);
	if (forgotten.length > 0) await processes.remove({ _id: { $in: forgotten } });

	let lost = false;
	const renewing = setInterval(() => {
		processes.change({ _id }, { $set: { until: nextEnd() } }).then(
			renewed => (lost = renewed === null),
			() => undefined // an outage, which readiness tells by itself
		);
	}, leaseMs / 3).unref();
	return {
		isLost: () => lost,
		async leave() {
			clearInterval(renewing);
			await leave();
		}
	};
}

function describe(kind: RunningProcess["kind"], opponents: readonly RunningProcess[]): string {
	const names = opponents.map(({ name }) => name).join(", ");
	return kind === "exclusive"
		? `商城正在运行（${names}），请先停止它；被强制结束的进程 30 秒后不再计入 / the shop is running (${names}): stop it first. A process that was killed counts for 30 s`
		: `数据库正被另一条命令独占（${names}），请稍后再试 / a command such as reset has the database for itself (${names}): try again when it has ended`;
}
