import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const run = (command: string, ...args: readonly string[]) => {
	const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
	if (status !== 0) throw new Error(`${command}: ${stderr}`);
};

/** A disk of its own, in memory, that can be filled to the last byte. Only root may have one. */
export class SmallDisk {
	private constructor(readonly path: string) {}

	static mount(megabytes: number): SmallDisk {
		const path = mkdtempSync(join(tmpdir(), "zjmall-disk-"));
		try {
			run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path);
		} catch (err) {
			rmdirSync(path);
			throw err;
		}
		return new SmallDisk(path);
	}

	/** Why none can be had here; null where one can. */
	static refused(): string | null {
		try {
			SmallDisk.mount(1).unmount();
			return null;
		} catch (err) {
			return err instanceof Error ? err.message : String(err);
		}
	}

	/** Leaves not a page free. */
	fill(): void {
		for (const size of [1 << 20, 1 << 16, 1 << 12])
			for (let room = true; room;)
				try {
					appendFileSync(this.ballast, Buffer.alloc(size));
				} catch {
					room = false;
				}
	}

	/** Gives back what `fill` took. */
	free(): void {
		rmSync(this.ballast, { force: true });
	}

	/** At once, even while a process has files of it open. */
	unmount(): void {
		run("umount", "--lazy", this.path);
		rmdirSync(this.path);
	}

	private get ballast(): string {
		return join(this.path, "ballast");
	}
}

const refused = SmallDisk.refused();
if (refused)
	process.stderr.write(
		`Tests of full disks are skipped: no small disk can be mounted (${refused.trim()})\n`
	);

/** `describe`, skipped where no small disk can be mounted. */
export const describeOnSmallDisk = refused ? describe.skip : describe;
