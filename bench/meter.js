"use strict";
// `node -r ./bench/meter.js dist/main.js` runs a shop that tells the benchmark over IPC what it has used so far. With
// METER_COUNTS=on it also counts the statements, transactions and calls that each HTTP request causes, which costs time:
// CPU is therefore measured without.
const { AsyncLocalStorage } = require("node:async_hooks");
const http = require("node:http");

/** What the requests caused, by their X-Request-Id: also what they left to do after the answer. */
const causedBy = new Map();
let watching = null;

const threadCpuMs = () => {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1000;
};

/**
 * The longest time in ms for which the event loop served nobody else, between two runs of `setImmediate`: by the clock, and by
 * the CPU time of the loop's thread, in which what else the machine does has no share.
 */
function watchStretches() {
	const watch = { longest: 0, longestCpu: 0, stopped: false };
	let last = performance.now();
	let lastCpu = threadCpuMs();
	const next = () => {
		const now = performance.now();
		const cpu = threadCpuMs();
		watch.longest = Math.max(watch.longest, now - last);
		watch.longestCpu = Math.max(watch.longestCpu, cpu - lastCpu);
		last = now;
		lastCpu = cpu;
		if (!watch.stopped) setImmediate(next);
	};
	setImmediate(next);
	return watch;
}

const ANSWERS = {
	cpuMs: () => {
		const { user, system } = process.cpuUsage();
		return (user + system) / 1000;
	},
	memory: () => process.memoryUsage.rss(),
	counts: () => Object.fromEntries(causedBy),
	watch: () => {
		watching = watchStretches();
		return null;
	},
	longestStretch: () => {
		watching.stopped = true;
		return watching.longest;
	},
	longestCpuStretch: () => {
		watching.stopped = true;
		return watching.longestCpu;
	}
};

if (process.send) {
	// A pool of processes has messages of its own.
	process.on("message", ({ id, what }) => {
		if (Object.hasOwn(ANSWERS, what)) process.send({ id, answer: ANSWERS[what]() });
	});
	process.channel.unref();
}

if (process.env.METER_COUNTS === "on") {
	const { DatabaseSync, StatementSync } = require("node:sqlite");
	const { ServiceBroker } = require("moleculer");
	const requests = new AsyncLocalStorage();
	const count = what => {
		const counts = requests.getStore();
		if (counts) counts[what]++;
	};
	/** BEGIN IMMEDIATE begins a transaction that writes, as does a write outside of any transaction. */
	const countSql = (db, sql) => {
		const [verb, second] = sql
			.trim()
			.toUpperCase()
			.split(/[\s;]+/, 2);
		if (verb === "BEGIN") {
			count("transactions");
			if (second === "IMMEDIATE" || second === "EXCLUSIVE") count("commits");
		} else if (!["COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"].includes(verb)) {
			count("statements");
			if (["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"].includes(verb) && !db.isTransaction) {
				count("transactions");
				count("commits");
			}
		}
	};
	const before = (prototype, method, work) => {
		const original = prototype[method];
		prototype[method] = function (...args) {
			work(this, args);
			return original.apply(this, args);
		};
	};

	const databases = new WeakMap();
	const { prepare } = DatabaseSync.prototype;
	DatabaseSync.prototype.prepare = function (...args) {
		const statement = prepare.apply(this, args);
		databases.set(statement, { db: this, sql: args[0] });
		return statement;
	};
	before(DatabaseSync.prototype, "exec", (db, [sql]) => countSql(db, sql));
	for (const method of ["run", "get", "all", "iterate"])
		before(StatementSync.prototype, method, statement => {
			const { db, sql } = databases.get(statement);
			countSql(db, sql);
		});
	before(ServiceBroker.prototype, "call", () => count("calls"));

	const { emit } = http.Server.prototype;
	http.Server.prototype.emit = function (event, ...args) {
		if (event !== "request") return emit.call(this, event, ...args);
		const counts = { statements: 0, transactions: 0, commits: 0, calls: 0 };
		causedBy.set(String(args[0].headers["x-request-id"]), counts);
		return requests.run(counts, () => emit.call(this, event, ...args));
	};
}
