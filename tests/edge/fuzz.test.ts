import fc from "fast-check";
import type { Rule } from "../../schemas/kit/rules";
import { aSku, StaffClient, unique } from "../support/builders";
import { startShop, type Shop } from "../support/shop";
import { Shopper } from "../support/shopper";
import { sendRaw } from "../support/raw-http";
import { fillPath, PUBLISHED_ROUTES, type PublishedRoute } from "../support/published-routes";

/** `FUZZ_RUNS=20000 FUZZ_SEED=7 npx jest tests/edge/fuzz` for a longer hunt. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 400);
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_260_131);

let shop: Shop;
const tokens: string[] = [""];
const ids: string[] = [];
beforeAll(async () => {
	shop = await startShop();
	const admin = new StaffClient(shop, await shop.asAdmin());
	const user = new Shopper(shop, await shop.asUser());
	tokens.push(admin.token, user.token);
	const product = await admin.addProductOnShelf({ skus: [aSku(), aSku()] });
	const skuId = product.skus[0].id;
	await admin.addStock(skuId, 100);
	const order = await user.order(skuId);
	const payment = await user.createPayment(order.id);
	ids.push(
		product.id,
		skuId,
		product.categoryId,
		order.id,
		payment.id,
		await user.address(),
		"limits.perMinute"
	);
});
afterAll(() => shop.stop());

type Inner = Rule<unknown> & {
	readonly values?: readonly string[];
	readonly items?: Rule<unknown>;
	readonly props?: Readonly<Record<string, Rule<unknown>>>;
	readonly min?: number;
	readonly max?: number;
};
const seldom = <U, V>(usual: U, arbitrary: fc.Arbitrary<V>) =>
	fc.oneof({ weight: 15, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });
const anId = fc.nat().map(n => ids[n % ids.length] ?? "");
const odd = fc.oneof(
	fc.constantFrom<unknown>(
		null,
		"",
		" ",
		0,
		-1,
		1e21,
		true,
		[],
		{},
		"__proto__",
		"$where",
		{ $gt: "" },
		"\u0000",
		"\ud800"
	),
	fc.jsonValue({ maxDepth: 3 }),
	fc.string({ unit: "binary", maxLength: 60 }),
	fc.constant("x".repeat(9_000))
);

/** A value that the rule accepts or nearly accepts; now and then an arbitrary one. */
function valueFor(rule: Rule<unknown>): fc.Arbitrary<unknown> {
	const { type, values, items, props, min, max }: Inner = rule;
	const fitting = (): fc.Arbitrary<unknown> => {
		if (type === "enum") return fc.constantFrom(...(values ?? []));
		if (type === "boolean") return fc.boolean();
		if (type === "number")
			return fc.oneof(
				fc.integer({ min: -2, max: 5 }),
				fc.constantFrom(min ?? 0, max ?? 0, (max ?? 0) + 1, 0.5)
			);
		if (type === "array" && items) return fc.array(valueFor(items), { maxLength: 3 });
		if (type === "object" && props) return record(props);
		if (type === "record")
			return fc.dictionary(fc.string({ unit: "binary", maxLength: 8 }), fc.string({ maxLength: 8 }), {
				maxKeys: 3
			});
		return fc.oneof(
			anId,
			fc.string({ maxLength: 40 }),
			fc.constantFrom(
				"13712370001",
				"123456",
				"2026-01-31T08:00:00.000Z",
				"9999-99-99T99:99:99Z",
				"2026-02-31",
				"a,b"
			)
		);
	};
	return fc.oneof({ weight: 30, arbitrary: fitting() }, { weight: 1, arbitrary: odd });
}
const record = (rules: PublishedRoute["params"]): fc.Arbitrary<Record<string, unknown>> => {
	const values = Object.entries(rules).flatMap(([name, rule]) =>
		typeof rule === "object" && name !== "key" ? [[name, valueFor(rule)] as const] : []
	);
	const needed = Object.entries(rules).flatMap(([name, rule]) =>
		typeof rule === "object" && rule["optional"] !== true && name !== "key" ? [name] : []
	);
	const all = Object.fromEntries(values);
	return fc.oneof(
		{ weight: 8, arbitrary: fc.record(all, { requiredKeys: needed }) },
		{ weight: 1, arbitrary: fc.record(all, { requiredKeys: [] }) }
	);
};

const aRequest = fc.constantFrom(...PUBLISHED_ROUTES).chain(route => {
	const inQuery = /GET|DELETE/.test(route.http.method);
	const names = [...route.http.path.matchAll(/[:*](\w+)/g)].map(([, name]) => name);
	const rules = Object.fromEntries(Object.entries(route.params).filter(([name]) => !names.includes(name)));
	const extras = seldom({}, fc.dictionary(fc.string({ maxLength: 6 }), odd, { maxKeys: 1 }));
	return fc.record({
		method: fc.oneof(
			{ weight: 15, arbitrary: fc.constant(route.http.method as string) },
			{
				weight: 1,
				arbitrary: fc.constantFrom(
					"GET",
					"POST",
					"PUT",
					"PATCH",
					"DELETE",
					"HEAD",
					"OPTIONS",
					"TRACE"
				)
			}
		),
		path: fc
			.array(
				fc.oneof(
					{ weight: 12, arbitrary: anId },
					{ weight: 1, arbitrary: fc.string({ unit: "binary-ascii", minLength: 1 }) }
				),
				{
					minLength: 3,
					maxLength: 3
				}
			)
			.map(parts => fillPath(route, () => parts.pop() ?? "x")),
		fields: fc.tuple(record(rules), extras).map(([known, more]) => ({ ...known, ...more })),
		raw: seldom(undefined, fc.string({ unit: "binary", maxLength: 50 })),
		inQuery: fc.constant(inQuery),
		as: fc.constantFrom(0, 1, 1, 1, 1, 2, 2),
		language: fc.constantFrom("zh", "en", ",;q=", "*")
	});
});

it("never fails, whatever the request", async () => {
	const answered = new Map<number, number>();
	await fc.assert(
		fc.asyncProperty(aRequest, async ({ method, path, fields, raw, inQuery, as, language }) => {
			const query = inQuery ? `?${queryOf(fields)}` : "";
			const body = inQuery ? undefined : (raw ?? JSON.stringify(fields));
			const headers = {
				"Accept-Language": language,
				"Idempotency-Key": unique("fuzz-"),
				...(body !== undefined && {
					"Content-Type": "application/json",
					"Content-Length": String(Buffer.byteLength(body))
				}),
				...(tokens[as] && { Authorization: `Bearer ${tokens[as]}` })
			};
			const target = path.startsWith("//") ? path.slice(1) : `/api/v1${path}`;

			const { status, text } = await sendRaw(
				shop.url,
				method,
				(target + query).slice(0, 7000),
				headers,
				body
			);

			answered.set(status, (answered.get(status) ?? 0) + 1);
			if (status >= 500) throw new Error(`${status} ${text}`);
		}),
		{ numRuns: RUNS, seed: SEED, endOnFailure: true }
	);
	// Enough requests passed validation for the result to mean something.
	expect(answered.get(200)).toBeGreaterThan(RUNS / 20);
	expect(answered.get(404)).toBeGreaterThan(RUNS / 50);
	expect((await shop.http("GET", "//health/ready")).status).toBe(200);
});

/** Values as query text; a value without a query form is written as JSON. */
function queryOf(fields: Record<string, unknown>): string {
	const text = (value: unknown) =>
		(typeof value === "string" ? value : JSON.stringify(value)).toWellFormed();
	return Object.entries(fields)
		.map(
			([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(text(value))}`
		)
		.join("&");
}
