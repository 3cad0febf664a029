import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const run = (command: string, ...args: readonly string[]) => {
	const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
	if (status !== 0) throw new Error(`${command}: ${stderr}`);
};

/** A small disk in memory that a test can fill to the last byte. Mounting one needs root. */
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

	/** The reason why no disk can be mounted here; null if one can. */
	static refused(): string | null {
		try {
			SmallDisk.mount(1).unmount();
			return null;
		} catch (err) {
			return err instanceof Error ? err.message : String(err);
		}
	}

	/** Fills the disk to its last page. */
	fill(): void {
		for (const size of [1 << 20, 1 << 16, 1 << 12])
			for (let room = true; room;)
				try {
					appendFileSync(this.ballast, Buffer.alloc(size));
				} catch {
					room = false;
				}
	}

	/** Frees the space that `fill` used. */
	free(): void {
		rmSync(this.ballast, { force: true });
	}

	/** Unmounts the disk at once, even while a process has files on it open. */
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
