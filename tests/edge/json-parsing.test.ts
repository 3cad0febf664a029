import { sendRaw } from "../support/raw-http";
import { SharedShop } from "../support/shared-shop/shared-shop";

let shop: SharedShop;
beforeAll(async () => {
	shop = await SharedShop.open();
});

const bytes = (...parts: readonly (string | readonly number[])[]) =>
	Buffer.concat(parts.map(part => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

/** JSON texts by RFC 8259, whatever the shop may think of their values. */
const JSON_TEXTS = [
	...["{}", " {} ", "\t\r\n{\n}\n", '{"a":1}', '{"a" : 1 , "b" : 2}', '{"":0}', '{"a":{"b":{"c":{}}}}'],
	...["[]", "[[]]", "[1,2]", "[ 1 ]", "null", "true", "false", "0", '""', '"a"', " 1 "],
	...[
		"[0]",
		"[-0]",
		"[-1]",
		"[1.5]",
		"[-1.5]",
		"[0.1]",
		"[1e2]",
		"[1E2]",
		"[1e+2]",
		"[1e-2]",
		"[0e1]",
		"[0E+1]"
	],
	...["[123456789012345678901234567890]", "[1.00000000000000000000001]", "[-0.0]", "[4.9e-324]"],
	...['["\\""]', '["\\\\"]', '["\\/"]', '["\\b\\f\\n\\r\\t"]', '["\\u0041"]', '["\\u00e9"]', '["\\u0000"]'],
	...[
		'["\\ud83d\\ude00"]',
		'["\\uD834\\uDD1E"]',
		'["\\\\u0041"]',
		'["/"]',
		'["\u007f"]',
		'["\u2028\u2029"]'
	],
	...[
		'["茶"]',
		'["😀"]',
		'["\u00a0"]',
		'["\ufeff"]',
		'["\uffff"]',
		'{"\\u0061":1}',
		'{"茶":1}',
		'{"a":[]}'
	],
	...[
		'["a,b]}"]',
		'["{"]',
		'{"a":"}"}',
		'{"a\\"b":1}',
		'{"__proto__":1}',
		'{"constructor":{"prototype":{}}}'
	]
];

/** No JSON, in each of the ways in which lenient parsers read something into it. */
const NO_JSON = [
	...["{", "}", "[", "]", "[}", "{]", "{}}", "[]]", "{} {}", "[1]x", "{}#", "{}/**/", "/*a*/{}", "//a\n{}"],
	...[
		"[,]",
		"[,1]",
		"[1,]",
		"[1,,2]",
		"[1 2]",
		"[1:2]",
		'["a":1]',
		"[\n",
		"[1,\n1,",
		"[[1]",
		'["a"',
		"[1}"
	],
	...[
		"{,}",
		'{"a"}',
		'{"a":}',
		'{"a" 1}',
		'{"a",1}',
		'{"a":1,}',
		'{"a":1,,}',
		'{"a":1 "b":2}',
		"{:1}",
		'{"a"::1}'
	],
	...[
		"{a:1}",
		"{'a':1}",
		"{1:1}",
		"{null:1}",
		"{[1]:1}",
		'{"a":1;}',
		'{"a"=1}',
		'{"a":"b"',
		'{"a":',
		'{"a'
	],
	...[
		"[01]",
		"[-01]",
		"[+1]",
		"[.5]",
		"[1.]",
		"[-]",
		"[-.5]",
		"[--1]",
		"[1e]",
		"[1e+]",
		"[1eE2]",
		"[1.e2]",
		"[1.2.3]"
	],
	...[
		"[0x1F]",
		"[0o7]",
		"[0b1]",
		"[1_000]",
		"[1 000]",
		"[1,000.0a]",
		"[１]",
		"[∞]",
		"[NaN]",
		"[Infinity]",
		"[-Infinity]"
	],
	...["[1n]", "[1f]", "[-a]", "[0.3e]", "[0e]", "[9.e+]", "[2.e-3]", "[++1]", "[1-2]", "[1/2]"],
	...[
		"[tru]",
		"[True]",
		"[TRUE]",
		"[nul]",
		"[None]",
		"[nil]",
		"[undefined]",
		"[falsee]",
		"[truefalse]",
		"[a]",
		"[*]"
	],
	...[
		'["]',
		'["a]',
		"['a']",
		"[`a`]",
		'["a" "b"]',
		'["a\nb"]',
		'["a\tb"]',
		'["\u0000"]',
		'["\u001f"]',
		'["\\"]'
	],
	...[
		'["\\x41"]',
		'["\\a"]',
		'["\\\'"]',
		'["\\0"]',
		'["\\u"]',
		'["\\u1"]',
		'["\\u12G4"]',
		'["\\U0041"]',
		'["\\ud83d\\u"]'
	],
	...[
		'["\\u{41}"]',
		'["\\ "]',
		'["\\\n"]',
		'["\\é"]',
		"[\\n]",
		"\\u0041",
		"[\u000c]",
		"[\u00a0]",
		"[\u2060]",
		"\u000b{}"
	],
	...["<a/>", "a=1", "abc", "é", "%7B%7D", "\u0000", "[1]\u0000", "{}\u00a0", "\ufeff ,"]
].map(text => bytes(text));
const NO_UTF8 = [
	bytes('["', [0xff], '"]'),
	bytes('["', [0xc0, 0xaf], '"]'),
	bytes('["', [0xe0, 0x80, 0x80], '"]'),
	bytes('["', [0xed, 0xa0, 0x80], '"]'),
	bytes('["', [0xf4, 0x90, 0x80, 0x80], '"]'),
	bytes('["', [0xe8, 0x8c], '"]'),
	bytes('["', [0x80], '"]'),
	bytes("{", [0xe9], ":1}"),
	bytes([0xff, 0xfe], "{\0}\0"),
	bytes("\0{\0}")
];

/** What RFC 8259 leaves to the parser: it may refuse, but it must answer. */
const LEFT_OPEN = [
	...[
		'{"a":1,"a":2}',
		"[1e400]",
		"[-1e400]",
		"[1e-400]",
		"[0.1e999999999]",
		'["\\ud800"]',
		'["\\udc00\\ud800"]'
	],
	...[
		'{"\\ud800":1}',
		"\ufeff{}",
		"[".repeat(500) + "]".repeat(500),
		'{"a":'.repeat(200) + "1" + "}".repeat(200)
	],
	...["[" + "9".repeat(5_000) + "]", "[1." + "1".repeat(5_000) + "]", "[1e" + "0".repeat(5_000) + "1]"]
].map(text => bytes(text));

const outcomeOf = async (body: Buffer): Promise<string> => {
	const headers = { "Content-Type": "application/json", "Content-Length": String(body.length) };
	const { status, text } = await sendRaw(shop.url, "POST", "/api/v1/auth/refresh", headers, body);
	return `${status} ${(JSON.parse(text) as { code: string }).code}`;
};
/** The bodies with another outcome than expected. */
async function findOdd(bodies: readonly Buffer[], expected: RegExp): Promise<string[]> {
	const outcomes = await Promise.all(bodies.map(outcomeOf));
	return bodies.flatMap((body, n) =>
		expected.test(outcomes[n] ?? "") ? [] : [`${body.toString().slice(0, 40)} → ${outcomes[n]}`]
	);
}

it("reads every JSON text, and says what is wrong with its values", async () => {
	const texts = JSON_TEXTS.map(text => bytes(text));

	expect(await findOdd(texts, /^400 VALIDATION_ERROR$/)).toEqual([]);
});

it("reads nothing into what is no JSON, or no UTF-8", async () => {
	expect(await findOdd([...NO_JSON, ...NO_UTF8], /^400 MALFORMED_JSON$/)).toEqual([]);
});

it("answers where JSON leaves it to the parser", async () => {
	expect(await findOdd(LEFT_OPEN, /^400 (VALIDATION_ERROR|MALFORMED_JSON)$/)).toEqual([]);
});
