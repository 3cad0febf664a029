import { existsSync, globSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's libfaketime (scripts/servers/install.sh). */
const [LIBRARY = ""] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");
const there = existsSync(LIBRARY);
if (!there)
	process.stderr.write(
		"Tests of a clock that jumps are skipped: libfaketime is not there. npm run servers:install\n"
	);

/** `describe`, skipped where no clock can be set. */
export const describeWithFalseClock = there ? describe : describe.skip;

/** The wall clock of processes that are started with its `env`. Setting it while they run leaves the monotonic clock alone. */
export class FalseClock {
	private readonly dir = mkdtempSync(join(tmpdir(), "zjmall-clock-"));
	readonly env = {
		LD_PRELOAD: LIBRARY,
		FAKETIME_TIMESTAMP_FILE: join(this.dir, "time"),
		FAKETIME_DONT_FAKE_MONOTONIC: "1",
		FAKETIME_NO_CACHE: "1"
	};

	constructor() {
		this.set(0);
	}

	/** Sets the clock to this many seconds ahead of the right time. */
	set(seconds: number): void {
		const fresh = join(this.dir, "fresh");
		writeFileSync(fresh, `${seconds < 0 ? "" : "+"}${seconds}\n`);
		renameSync(fresh, this.env.FAKETIME_TIMESTAMP_FILE);
	}

	remove(): void {
		rmSync(this.dir, { recursive: true, force: true });
	}
}
