import { toExample } from "../../schemas/kit/example";
import type { AnyRule, Rule } from "../../schemas/kit/rules";
import { PUBLISHED_ROUTES, type PublishedRoute } from "./published-routes";

/** Values that stand nowhere else, of which one fits each rule. */
const CANARIES = [
	"canary-bird-9x7",
	"canary@bird.example",
	"13677889900",
	"918273",
	"1977-08-09",
	"CANARY9X7CANARY9X7",
	`whsec_${"Q2FuYXJ5".repeat(4)}`
];
/** Not inside of a longer number or word, such as an id or a time. */
const PATTERNS = CANARIES.map(canary => new RegExp(`(?<!\\w)${canary.replace(".", "\\.")}(?!\\w)`));

/** The places in a text that hold a canary, with what is around each. */
export const findCanaries = (text: string): string[] =>
	PATTERNS.flatMap(pattern => {
		const at = text.search(pattern);
		return at === -1 ? [] : [text.slice(Math.max(0, at - 150), at + 50)];
	});

function pickCanary({ min = 0, max = Infinity, pattern, condensed }: AnyRule): string {
	const fits = (text: string) =>
		text.length >= min && text.length <= max && (!pattern || pattern.test(text));
	return (condensed ? "13677889900" : CANARIES.find(fits)) ?? "918273";
}

/** A value that the rule accepts, with canaries in the fields that are marked as secret or personal. */
function fillValue(rule: Rule<unknown>, name: string): unknown {
	const { type, sensitivity, items, props }: AnyRule = rule;
	if (sensitivity !== undefined && type === "string") return pickCanary(rule);
	if (type === "object" && props) return fillFields(props);
	if (type === "array" && items) return [fillValue(items, name)];
	return toExample(rule, name);
}

const fillFields = (props: PublishedRoute["params"]): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(props).flatMap(([name, rule]) =>
			typeof rule === "object" ? [[name, fillValue(rule, name)]] : []
		)
	);

type Sent = { readonly method: string; readonly path: string; readonly body?: object };

/** A request to every route whose contract names its parameters, with canaries in all that is marked, and one with an unknown query. */
export const makeCanaryRequests = (): Sent[] => [
	{ method: "GET", path: "/products?unknown=canary-bird-9x7" },
	...PUBLISHED_ROUTES.filter(({ http }) => !http.raw && !http.upload && !http.file).map(
		({ http, params }) => {
			const inPath = (name: string) => new RegExp(`[:*]${name}(/|$)`).test(http.path);
			const fields = Object.fromEntries(
				Object.entries(fillFields(params)).filter(([name]) => !inPath(name) && name !== "key")
			);
			const path = http.path.replace(/[:*]\w+/g, "none");
			const { method } = http;
			if (http.hasBody) return { method, path, body: fields };
			const query = Object.entries(fields).filter(([, value]) => typeof value === "string") as [
				string,
				string
			][];
			const search = new URLSearchParams(query).toString();
			return { method, path: `${path}?${search}` };
		}
	)
];
