import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { childLoaderArguments } from "../child-loader";
import { Refusal } from "../../schemas/errors/errors";
import type { PictureJob, PictureResult } from "./encode-picture.process";

export type PictureEncoderOptions = {
	/** Pictures that wait at most, beside the one that is being encoded; further ones are refused. */
	readonly maxWaiting?: number;
	/** A picture that takes longer is given up. */
	readonly jobTimeoutMs?: number;
	/** The child process ends after so long without work, which gives its memory back. */
	readonly idleMs?: number;
};

/**
 * Encodes pictures one at a time in a child process. The memory that a decoder takes, up to some hundred MiB for a picture at
 * the limit of pixels, is so bounded for all pictures together, and is none of this process's.
 */
export class PictureEncoder {
	private child: ChildProcess | undefined;
	private last: Promise<unknown> = Promise.resolve();
	private waiting = 0;
	private idleTimer: NodeJS.Timeout | undefined;

	constructor(private readonly options: PictureEncoderOptions = {}) {}

	/** The picture as WebP of at most `maxEdge` pixels an edge. Refuses what is no png, jpeg or webp, or has too many pixels. */
	async encode(job: PictureJob): Promise<Buffer> {
		const { maxWaiting = 16 } = this.options;
		if (this.waiting > maxWaiting)
			throw new Refusal("SERVICE_UNAVAILABLE", "Too many pictures wait", { retryAfter: 2 });
		this.waiting++;
		const result = this.last.then(() => this.run(job)).finally(() => this.waiting--);
		this.last = result.catch(() => undefined);
		const { bytes } = await result;
		if (!bytes) throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "Not a png, jpeg or webp image");
		return Buffer.from(bytes);
	}

	/** Ends the child process; the next picture starts another one. */
	stop(): void {
		clearTimeout(this.idleTimer);
		this.child?.kill("SIGKILL");
		this.child = undefined;
	}

	private async run(job: PictureJob): Promise<PictureResult> {
		const { jobTimeoutMs = 15_000, idleMs = 10_000 } = this.options;
		clearTimeout(this.idleTimer);
		const child = (this.child ??= startChild());
		const ended = new AbortController();
		const { signal } = ended;
		const answer = once(child, "message", { signal }).then(([result]) => result as PictureResult);
		const exit = once(child, "exit", { signal }).then(() => null);
		const timeout = pause(jobTimeoutMs, undefined, { signal });
		try {
			child.send(job);
			const result = await Promise.race([answer, exit, timeout]);
			if (result) return result;
			this.stop();
			if (result === undefined) return { bytes: null };
			throw new Refusal("SERVICE_UNAVAILABLE", "The picture encoder ended", { retryAfter: 2 });
		} catch (err) {
			this.stop();
			throw err;
		} finally {
			ended.abort();
			this.idleTimer = setTimeout(() => this.stop(), idleMs).unref();
		}
	}
}

function startChild(): ChildProcess {
	const child = fork(join(__dirname, `encode-picture.process${extname(__filename)}`), [], {
		execArgv: childLoaderArguments(),
		serialization: "advanced",
		stdio: ["ignore", "ignore", "inherit", "ipc"]
	});
	child.unref();
	child.channel?.unref();
	return child;
}

const encoder = new PictureEncoder();

/** Encodes a picture in the one child process that this process has for it. */
export const encodePicture = (job: PictureJob): Promise<Buffer> => encoder.encode(job);
