const CRASH_POINTS = 'require("../proofs/crash/crash-points")';

/** Edits that make a shop run its steps through crash points: the few places through which every step goes. */
module.exports = [
	// The early check of the stock is switched off, so that a sold-out order goes all the way to `inventory.reserve`.
	{
		file: "schemas/values/goods.ts",
		from: "if (short.length) throw",
		to: "if (short.length > 1000) throw"
	},
	{
		file: "mixins/store.mixin.ts",
		from: "const plain = backends.collection<Doc>(declaration.name);",
		to: `const plain = ${CRASH_POINTS}.instrumentCollection(backends.collection<Doc>(declaration.name), declaration.name);`
	},
	{
		file: "infrastructure/documents/outbox.ts",
		from: "await this.facts.publish(next.outbox);",
		to: 'await require("../../proofs/crash/crash-points").runStep(`relay ${next.outbox[0]?.event}`, () => this.facts.publish(next!.outbox!));'
	},
	{
		file: "middlewares/facts.middleware.ts",
		from: "service.emitLocalEventHandler(event, fact.payload, {",
		to: `${CRASH_POINTS}.runStep(\`consume \${service.name} \${event}\`, () => service.emitLocalEventHandler(event, fact.payload, {`
	},
	{
		file: "mixins/schedule.mixin.ts",
		from: "schedule.run\n\t\t\t\t\t.call(this as S)",
		to: `${CRASH_POINTS}.runStep(\`sweep \${this.name}: \${schedule.name}\`, () => schedule.run.call(this as S))`
	},
	{
		file: "middlewares/facts.middleware.ts",
		from: "}) as Promise<void>",
		to: "})) as Promise<void>"
	},
	{
		file: "schemas/kit/service.ts",
		from: ") => via.call<AnswerOf<A[K]>, PayloadOf<A[K]>>(name, params, opts);",
		to: `) => require("../../proofs/crash/crash-points").runStep(\`call \${name}\`, () => via.call<AnswerOf<A[K]>, PayloadOf<A[K]>>(name, params, opts));`
	},
	{
		file: "services/payments/channels/exchange.ts",
		from: "const reply = await exchangeHttp(request, { timeoutMs, maxBytes });",
		to: 'const reply = await require("../../../proofs/crash/crash-points").exchangeWithChannel(request.url, () => exchangeHttp(request, { timeoutMs, maxBytes }));'
	}
];
