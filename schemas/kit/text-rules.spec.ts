import fc from "fast-check";
import type { Rule } from "./rules";
import { contracts } from "../registry";
import { code, line, optionalProse, phoneNumber, prose, shopPicture, url } from "./text-rules";
import { newValidator } from "./validator";

const validator = newValidator();
const takes = (rule: Rule<unknown>, value: unknown) =>
	validator.compile({ $$root: true, ...rule })(value) === true;

describe("a URL", () => {
	it.each([
		"https://cdn.example.com/a.png",
		"http://localhost:8080/a?b=c#d",
		"HTTPS://例子.中国/图片.png",
		"https://[2001:db8::1]:443/a",
		"https://a.example",
		"/",
		"/pictures/杯子.svg?w=200",
		"/avatars/01ABC"
	])("may be %s", text => {
		expect(takes(url(), text)).toBe(true);
	});

	it.each([
		"javascript:alert(1)",
		"\u0001javascript:alert(1)",
		"java\nscript:alert(1)",
		" javascript:alert(1)",
		"JaVaScRiPt://a.example/%0aalert(1)",
		"data:text/html,<script>",
		"data:image/svg+xml;base64,AAAA",
		"vbscript:x",
		"file:///etc/passwd",
		"ftp://a.example/",
		"//evil.example/a.png",
		"/\\evil.example/a.png",
		"\\\\evil.example",
		"/\t/evil.example",
		"https://",
		"https:///a",
		"https:a.example",
		"https://user:secret@a.example/",
		"https://a.example@evil.example/",
		"https://a.example\\@evil.example/",
		"https://a b.example/",
		'/a" onerror="alert(1)',
		"/a<b>",
		"a.png",
		"./a.png",
		"?a",
		"/a\u202eb",
		"/a\u0000",
		"\ufeff/a",
		""
	])("is not %j", text => {
		expect(takes(url(), text)).toBe(false);
	});

	it("leads a browser nowhere but to a website, whatever is taken", () => {
		const part = fc.constantFrom(
			..."/ \\ : @ . ? # a http https javascript data evil.example % \t \n \u0001".split(" "),
			" "
		);
		fc.assert(
			fc.property(fc.array(part, { maxLength: 8 }), parts => {
				const text = parts.join("");
				if (!takes(url(), text) || !URL.canParse(text, "https://own.example")) return;
				const { protocol, origin, username } = new URL(text, "https://own.example");

				expect(["https:", "http:"]).toContain(protocol);
				expect(username).toBe("");
				if (text.startsWith("/")) expect(origin).toBe("https://own.example");
			}),
			{ numRuns: 5000 }
		);
	});
});

it("takes out of a phone number what can't be seen, before its length counts", () => {
	const check = validator.compile({ phone: phoneNumber() });
	const given = { phone: "\u202d +86 \u00a0 138 \u200b\u200b\u200b 1234 \t 5678 \u202c\n" };

	expect(check(given)).toBe(true);
	expect(given.phone).toBe("+8613812345678");
	expect(takes(phoneNumber(), "1".repeat(21))).toBe(false);
	expect(takes(phoneNumber(), "\u200b")).toBe(false);
});

it("has a rule for each kind of text", () => {
	const texts = ["", "\u200b", "a", "a b", "a\nb", "a\u202eb", "a\u0007b", "\ud83d"];
	const taken = (rule: Rule<unknown>) => texts.filter(text => takes(rule, text));

	expect(taken(line())).toEqual(["a", "a b"]);
	expect(taken(code())).toEqual(["a"]);
	expect(taken(prose())).toEqual(["a", "a b", "a\nb"]);
	expect(taken(optionalProse())).toEqual(["", "\u200b", "a", "a b", "a\nb"]);
	expect(takes(line({ without: "=" }), "a=b")).toBe(false);
});

describe("what clients send", () => {
	type Inner = Rule<unknown> & {
		readonly items?: Rule<unknown>;
		readonly props?: Readonly<Record<string, Rule<unknown>>>;
		readonly value?: Rule<unknown>;
		readonly pattern?: RegExp;
		readonly condensed?: boolean;
	};
	const textsOf = (path: string, rule: Inner): [string, Inner][] => [
		...(rule.type === "string" ? ([[path, rule]] as [string, Inner][]) : []),
		...(rule.items ? textsOf(`${path}[]`, rule.items) : []),
		...(rule.type === "record" && rule.value ? textsOf(`${path}.*`, rule.value) : []),
		...Object.entries(rule.props ?? {}).flatMap(([name, inner]) => textsOf(`${path}.${name}`, inner))
	];
	const isRule = (value: unknown): value is Inner => typeof value === "object";
	const sent = Object.values(contracts).flatMap(({ name, actions }) =>
		Object.entries(actions).flatMap(([action, { http, params }]) =>
			http && !http.raw && http.upload === undefined
				? Object.entries(params).flatMap(([field, rule]) =>
						isRule(rule) ? textsOf(`${name}.${action}.${field}`, rule) : []
					)
				: []
		)
	);

	const RULES = [url(), shopPicture()].map(rule => (rule as Inner).pattern?.source);
	it("are addresses by the one rule, or pictures of the shop", () => {
		const addresses = sent.filter(([path]) => /(url|logo|icon|images?(\[\])?)$/i.test(path));

		expect(addresses.length).toBeGreaterThan(8);
		expect(addresses.filter(([, { pattern }]) => !RULES.includes(pattern?.source))).toEqual([]);
	});

	it("are texts of a known kind, but for secrets, keys and what is only looked for", () => {
		const bare = sent.filter(([, rule]) => !rule.pattern && !rule.condensed).map(([path]) => path);
		const secrets = /\.(password|oldPassword|newPassword|refreshToken|image)$/;
		const looked =
			/\.(q|by|action|what|paymentNo|couponCode|cartId|attr\.\*(\[\])?)$|^(config|traces)\.|^coupons\.redeem\.code$|^productFiles\.export\.state$|\.key$/;

		expect(bare.filter(path => !secrets.test(path) && !looked.test(path))).toEqual([]);
	});

	it("have patterns that mean the same in OpenAPI, which has no flags", () => {
		expect(sent.filter(([, { pattern }]) => pattern && !["", "u"].includes(pattern.flags))).toEqual([]);
	});
});
