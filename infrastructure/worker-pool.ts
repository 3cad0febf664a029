import cluster, { type Worker } from "node:cluster";

/** What the processes of a pool send each other. A hint is a plain broadcast of Moleculer. */
export type PoolMessage =
	{ readonly kind: "ready" } | { readonly kind: "hint"; readonly event: string; readonly payload: unknown };

export type PoolOptions = {
	readonly size: number;
	/** Environment variables of the process `n`, from 1 on, beside those of this program. */
	readonly envOf: (n: number) => Readonly<Record<string, string>>;
	readonly report: (line: string) => void;
};

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** After so long a process counts as well: if it ends then, the pauses begin anew. */
const STABLE_MS = 60_000;

/**
 * Runs this program in `size` processes that share its port, and resolves to the exit code when all have ended. The first one
 * starts alone, since it migrates the data and loads the demo catalogue; if it can't start, the pool ends. A process that ends
 * later is replaced, each time after a longer pause. SIGTERM and SIGINT stop all of them in order.
 */
export function runWorkerPool({ size, envOf, report }: PoolOptions): Promise<number> {
	const { promise: ended, resolve: end } = Promise.withResolvers<number>();
	const running = new Map<number, Worker>();
	const replacing = new Set<NodeJS.Timeout>();
	let isUp = false;
	let stopping = false;
	let exitCode = 0;

	const receive = (sender: Worker, message: PoolMessage) => {
		if (message.kind === "hint") {
			for (const other of running.values())
				if (other !== sender && other.isConnected()) other.send(message, () => undefined);
		} else if (!isUp) {
			isUp = true;
			for (let n = 2; n <= size; n++) start(n);
		}
	};
	const start = (n: number, failures = 0) => {
		const startedAt = performance.now();
		const worker = cluster.fork(envOf(n));
		running.set(n, worker);
		worker.on("message", (message: PoolMessage) => receive(worker, message));
		worker.once("exit", (code: number | null, signal: string | null) => {
			running.delete(n);
			if (stopping) {
				if (code !== 0) exitCode = 1;
				if (running.size === 0) end(exitCode);
			} else if (!isUp) end(code || 1);
			else replace(n, performance.now() - startedAt < STABLE_MS ? failures : 0, signal ?? code);
		});
	};
	const replace = (n: number, failures: number, reason: number | string | null) => {
		const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS);
		report(
			`进程 ${n} 已结束（${reason}），${pauseMs} 毫秒后重新启动 / process ${n} has ended (${reason}) and starts again in ${pauseMs} ms`
		);
		const timer = setTimeout(() => {
			replacing.delete(timer);
			start(n, failures + 1);
		}, pauseMs);
		replacing.add(timer);
	};
	const stop = () => {
		stopping = true;
		replacing.forEach(timer => clearTimeout(timer));
		for (const { process } of running.values()) process.kill("SIGTERM");
		if (running.size === 0) end(exitCode);
	};

	process.on("SIGTERM", stop).on("SIGINT", stop);
	start(1);
	return ended;
}

/** Sends a message to the pool that this process belongs to, if any. */
export function sendToPool(message: PoolMessage): void {
	if (cluster.isWorker && process.connected) process.send?.(message, undefined, {}, () => undefined);
}

/** Listens for the hints of the other processes of the pool; the returned function ends that. */
export function listenToPool(listener: (event: string, payload: unknown) => void): () => void {
	const receive = (message: PoolMessage) => {
		if (message.kind === "hint") listener(message.event, message.payload);
	};
	process.on("message", receive);
	return () => process.off("message", receive);
}
