"use strict";
// `node -r ./bench/meter.js dist/main.js` runs a shop that tells the benchmark over IPC what it has used so far. With
// METER_COUNTS=on it also counts the statements, transactions and calls that each HTTP request causes, which costs time:
// CPU is therefore measured without.
const { AsyncLocalStorage } = require("node:async_hooks");
const http = require("node:http");
const { watchStretches } = require("./watch-stretches");

/** What the requests caused, by their X-Request-Id: also what they left to do after the answer. */
const causedBy = new Map();
let watching = null;

const ANSWERS = {
	cpuMs: () => {
		const { user, system } = process.cpuUsage();
		return (user + system) / 1000;
	},
	memory: () => process.memoryUsage.rss(),
	counts: () => Object.fromEntries(causedBy),
	watch: () => {
		const longest = { ms: 0, cpuMs: 0 };
		const stop = watchStretches((ms, cpuMs) => {
			longest.ms = Math.max(longest.ms, ms);
			longest.cpuMs = Math.max(longest.cpuMs, cpuMs);
		});
		watching = { longest, stop };
		return null;
	},
	longestStretch: () => {
		watching.stop();
		return watching.longest.ms;
	},
	longestCpuStretch: () => {
		watching.stop();
		return watching.longest.cpuMs;
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
