import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RUN_TYPESCRIPT } from "./root";

const namespace = `zjmall-${randomBytes(5).toString("hex")}`;

/**
 * Sets the settings of a test file before its modules read them. Each file has a shop of its own, whose data folder is made when
 * something is stored; on shared servers, too, the shops of different files are separate.
 */
Object.assign(process.env, {
	NODE_ENV: "test",
	DATA_DIR: join(tmpdir(), namespace),
	MALL_NAMESPACE: namespace,
	PORT: "0",
	LOG_LEVEL: "silent",
	LIMITS_PER_IP: "off",
	DEMO_CATALOGUE: "off",
	STOP_GRACE: "0",
	CHECK_INVARIANTS_EVERY: "0",
	// A slow machine fails no test: those that wait for a time-out set a shorter one.
	REQUEST_TIMEOUT_MS: "45000",
	// Tests that kill a process wait for the leases of its facts to end.
	FACT_LEASE: "3"
});

// Child processes of a shop in a test process load TypeScript by the tests' loader, which keeps what it has compiled.
process.execArgv = RUN_TYPESCRIPT;
