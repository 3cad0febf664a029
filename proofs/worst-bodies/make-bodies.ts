import { computeBodyLimit, selectBodyRules } from "../../services/api/body-limit";
import type { Action } from "../../schemas/kit/contract";
import type { AnyRule, Rule } from "../../schemas/kit/rules";
import type { PublishedRoute } from "../../tests/support/published-routes";

/** Ids of things that exist, by the names that fields have for them: `skuId`, `productIds` … */
export type KnownIds = Readonly<Record<string, readonly string[]>>;
export type WorstRequest = { readonly kind: string; readonly query?: string; readonly body?: string };

/** Characters of the largest texts: of four bytes, of three, one that becomes 18 when texts are compared, and letters. */
const ALPHABETS = ["😀", "茶", "ﷺ", "x", "A", "1", "/"];
const FITTING = [
	"2026-01-31T08:00:00.000Z",
	"2026-01-31",
	"13712370001",
	"a@b.example",
	"/a",
	"https://a.example/",
	"123456",
	"order.*"
];
const UNLIMITED_TEXT = 4_000;
const UNLIMITED_LIST = 2_000;
const UNLIMITED_RECORD = 500;
/** Of the target of a request: its head may have 16 KiB. */
const QUERY_BYTES = 14_000;
/** In time ranges a later day, so that the range is not empty. */
const LATER = "2026-02-28T08:00:00.000Z";

/** Builds values that are as large as their rules allow. Texts are of the `alphabet`, where their pattern takes it. */
class LargestValues {
	private made = 0;
	constructor(
		private readonly ids: KnownIds,
		private readonly alphabet: string
	) {}

	valueOf(rule: Rule<unknown>, name: string, n = 0): unknown {
		const { type, values, items, props, key, value, max = Infinity, integer, nullable }: AnyRule = rule;
		switch (type) {
			case "string":
				return this.textOf(rule, name, n);
			case "number":
				return Math.min(max, integer ? 999 : 4.5);
			case "boolean":
				return true;
			case "enum":
				return values?.[0];
			case "array":
				return Array.from({ length: Math.min(max, UNLIMITED_LIST) }, (_, index) =>
					this.valueOf(items ?? { type: "any" }, name, index)
				);
			case "object":
				return this.objectOf(props ?? {}, n);
			case "record":
				return Object.fromEntries(
					Array.from({ length: Math.min(max, UNLIMITED_RECORD) }, (_, index) => [
						this.textOf(key ?? { type: "string" }, "key", index),
						value ? this.valueOf(value, name, index) : null
					])
				);
			default:
				return nullable === true ? null : 0;
		}
	}

	objectOf(props: Readonly<Record<string, Rule<unknown> | boolean>>, n = 0): Record<string, unknown> {
		return Object.fromEntries(
			Object.entries(props).flatMap(([name, rule]) =>
				typeof rule === "object" ? [[name, this.valueOf(rule, name, n)]] : []
			)
		);
	}

	/** A text of the greatest length, with a number in front where that fits, so that no two are the same. */
	private textOf({ max, min = 0, pattern, format }: AnyRule, name: string, n: number): string {
		if (name === "to" || name === "endsAt") return LATER;
		const known = this.ids[name] ?? this.ids[name.replace(/s$/, "")];
		if (known?.[n] !== undefined) return known[n];
		const length = Math.min(max ?? UNLIMITED_TEXT, 100_000);
		const unique = `${(this.made++).toString(36)}${n}`;
		const fits = (text: string) => (!pattern || pattern.test(text)) && text !== "";
		const alphabets = [this.alphabet, ...ALPHABETS];
		const texts =
			format === "date-time" || format === "date"
				? []
				: alphabets.flatMap(character => {
						const filled = character.repeat(length);
						const numbered =
							unique.length < length && unique + character.repeat(length - unique.length);
						return numbered ? [numbered, filled] : [filled];
					});
		return [...texts, ...FITTING].find(fits) ?? "x".repeat(Math.max(1, min));
	}
}

/** `text` as often as it fits into a body of `bytes` between the two ends. */
const fill = (start: string, text: string, end: string, bytes: number): string =>
	start +
	text.repeat(
		Math.max(
			0,
			Math.floor(
				(bytes - Buffer.byteLength(start) - Buffer.byteLength(end) - 8) / Buffer.byteLength(text)
			)
		)
	) +
	end;

/** Every text in the value replaced by null: wrong to its last leaf. */
const spoil = (value: unknown): unknown =>
	Array.isArray(value)
		? value.map(spoil)
		: typeof value === "object" && value !== null
			? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spoil(inner)]))
			: null;

/** The worst requests that a route's contract and the gateway's limits let in. They are made anew for each use. */
export function makeWorstRequests(route: PublishedRoute, ids: KnownIds): WorstRequest[] {
	const rules = selectBodyRules(route, route.http);
	return route.http.hasBody ? makeBodies(route, rules, ids) : makeQueries(rules, ids);
}

function makeBodies(route: PublishedRoute, rules: Action["params"], ids: KnownIds): WorstRequest[] {
	const { bytes: limit } = computeBodyLimit(route, route.http);
	const [first = "a"] = Object.keys(rules);
	const largest = ALPHABETS.slice(0, 4).map(alphabet => ({
		kind: `largest ${alphabet}`,
		body: JSON.stringify(new LargestValues(ids, alphabet).objectOf(rules))
	}));
	const nested = `${"[".repeat(29)}${"]".repeat(29)},`;
	return [
		...largest,
		{ kind: "all wrong", body: JSON.stringify(spoil(new LargestValues(ids, "x").objectOf(rules))) },
		{ kind: "unknown fields", body: makeUnknownFields(limit) },
		{ kind: "deep", body: fill(`{"${first}":[`, nested, "0]}", limit) },
		{ kind: "numbers", body: fill(`{"${first}":[`, "0,", "0]}", limit) },
		{ kind: "objects", body: fill(`{"${first}":[`, '{"a":{}},', "0]}", limit) },
		{ kind: "long text", body: fill(`{"${first}":"`, "茶", '"}', limit) },
		{ kind: "emoji", body: fill(`{"${first}":"`, "😀", '"}', limit) },
		{ kind: "escapes", body: fill(`{"${first}":"`, "\\ud83d\\ude00", '"}', limit) }
	].filter(({ body }) => Buffer.byteLength(body) <= limit);
}

function makeUnknownFields(limit: number): string {
	const fields: string[] = [];
	for (let bytes = 2, n = 0; ; n++) {
		const field = `"${n.toString(36)}":0`;
		bytes += field.length + 1;
		if (bytes > limit) return `{${fields.join(",")}}`;
		fields.push(field);
	}
}

function makeQueries(rules: Action["params"], ids: KnownIds): WorstRequest[] {
	const toQuery = (fields: Readonly<Record<string, unknown>>) => {
		let query = "";
		const add = (name: string, value: unknown) => {
			const part = `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}&`;
			if (query.length + part.length <= QUERY_BYTES) query += part;
		};
		for (const [name, value] of Object.entries(fields))
			if (Array.isArray(value)) add(name, value.join(",").slice(0, 3_000).toWellFormed());
			else if (typeof value === "object" && value !== null)
				for (const [key, entry] of Object.entries(value))
					add(`${name}.${Array.from(key).slice(0, 8).join("")}`, entry);
			else if (name !== "cursor" && name !== "page") add(name, name === "pageSize" ? 100 : value);
		return query;
	};
	const [first = "a"] = Object.keys(rules);
	const texts = ALPHABETS.slice(0, 4).map(alphabet => ({
		kind: `largest ${alphabet}`,
		query: toQuery(new LargestValues(ids, alphabet).objectOf(rules))
	}));
	return [
		{ kind: "plain", query: "pageSize" in rules ? "pageSize=100" : "" },
		...texts,
		{ kind: "many parameters", query: Array.from({ length: 2_000 }, (_, n) => n.toString(36)).join("&") },
		{ kind: "long list", query: `${first}=${"a,".repeat(QUERY_BYTES / 2 - 10)}` },
		{ kind: "escapes", query: `${first}=${"%F0%9F%98%80".repeat(QUERY_BYTES / 12 - 2)}` }
	];
}
