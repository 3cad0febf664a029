import fc from "fast-check";
import { action, type Http } from "../../schemas/kit/contract";
import * as r from "../../schemas/kit/rules";
import { readParams, type RequestParts } from "./read-params";

const search = action({
	q: r.opt(r.text()),
	inStock: r.opt(r.bool()),
	maxPrice: r.opt(r.int()),
	rating: r.opt(r.num()),
	ids: r.opt(r.list(r.id())),
	sizes: r.opt(r.list(r.int())),
	attr: r.opt(r.record(r.str())),
	among: r.opt(r.record(r.oneOrMore(r.str()))),
	box: r.opt(r.obj({ a: r.int() }))
})
	.returns(r.nothing)
	.rest("GET /things", "public", "Search");
const change = action({
	id: r.id(),
	name: r.opt(r.str()),
	note: r.opt(r.orNull(r.str())),
	key: r.str(),
	image: r.opt(r.str())
})
	.returns(r.nothing)
	.rest("POST /things/:id", "user", "Change", { keyed: true });
const upload = action({ image: r.str() })
	.returns(r.nothing)
	.rest("PUT /picture", "user", "Upload", {
		upload: { field: "file", maxBytes: 1000, maxEdge: 100 }
	});

type Published = { readonly http?: Http };
const made = (
	of: typeof search | typeof change | typeof upload,
	given: Partial<RequestParts> & { search?: string }
) => {
	const { http }: Published = of;
	if (!http) throw new Error("not published");
	const { search: query = "", ...rest } = given;
	const all = { path: {}, body: {}, key: undefined, image: undefined, ...rest };
	return readParams(of, http, { ...all, query: new URLSearchParams(query) });
};
const faults = (of: typeof search | typeof change, given: Parameters<typeof made>[1]) => {
	try {
		made(of, given);
	} catch (err) {
		return (err as { data: { field: string; type: string }[] }).data.map(
			({ field, type }) => `${field} ${type}`
		);
	}
	return [];
};

describe("the query", () => {
	it("becomes what the rules say", () => {
		const params = made(search, {
			search: "?q=tea&inStock=true&maxPrice=500&rating=4.5&ids=a,b&sizes=1,2"
		});

		expect(params).toEqual({
			q: "tea",
			inStock: true,
			maxPrice: 500,
			rating: 4.5,
			ids: ["a", "b"],
			sizes: [1, 2]
		});
	});

	it.each(["1e3", "0x10", " 5", "5 ", "NaN", "Infinity", "+5", "12345678901234567890"])(
		"leaves the number %j a text, for the validator to refuse",
		given => {
			expect(made(search, { search: `?maxPrice=${encodeURIComponent(given)}` })).toEqual({
				maxPrice: given
			});
		}
	);

	it.each(["1", "yes", "TRUE"])("leaves the truth %j a text", given => {
		expect(made(search, { search: `?inStock=${given}` })).toEqual({ inStock: given });
	});

	it("gathers dotted names into their dictionary", () => {
		const params = made(search, { search: "?attr.颜色=黑,白&attr.内存=8.5G&attr.a.b=1" });

		expect(params).toEqual({ attr: { 颜色: "黑,白", 内存: "8.5G", "a.b": "1" } });
	});

	it("gathers the values of an entry that is a list, each whole, as often as it comes", () => {
		const params = made(search, { search: "?among.容量=1,000ml&among.色=黑&among[容量]=2L&among.容量=" });

		expect(params).toEqual({ among: { 容量: ["1,000ml", "2L"], 色: ["黑"] } });
	});

	it("takes brackets for dots, as OpenAPI writes a dictionary", () => {
		const params = made(search, { search: "?attr[颜色]=黑&attr[a[b]]=1&attr.尺寸=大" });

		expect(params).toEqual({ attr: { 颜色: "黑", "a[b]": "1", 尺寸: "大" } });
	});

	it.each(["inStock", "maxPrice", "rating", "ids", "sizes", "attr.颜色", "attr[颜色]", "attr"])(
		"takes an empty %s, which its rule can't be, for one that was not given",
		name => {
			expect(made(search, { search: `?${name}=&q=tea` })).toEqual({ q: "tea" });
		}
	);

	it("takes an empty text for itself where the rule lets it be empty", () => {
		expect(made(search, { search: "?q=" })).toEqual({ q: "" });
	});

	it("counts a parameter once that is empty beside the one that is given", () => {
		expect(made(search, { search: "?maxPrice=&maxPrice=5&ids=a&ids=&attr.x=1&attr.x=" })).toEqual({
			maxPrice: 5,
			ids: ["a"],
			attr: { x: "1" }
		});
	});

	it("refuses an unknown parameter that is empty", () => {
		expect(faults(search, { search: "?x=&maxPrice.y=&attr[]=" })).toEqual([
			"x unknown",
			"maxPrice.y unknown",
			"attr[] unknown"
		]);
	});

	it("refuses what it does not know, by name, all at once", () => {
		expect(faults(search, { search: "?x=1&q=a&y.z=2&attr.=3&attr[]=4&maxPrice.$gt=1&box.a=1" })).toEqual([
			"x unknown",
			"y.z unknown",
			"attr. unknown",
			"attr[] unknown",
			"maxPrice.$gt unknown",
			"box.a unknown"
		]);
	});

	it.each(["q=a&q=b", "ids=a&ids=b", "attr.x=1&attr.x=2", "attr.x=1&attr[x]=2"])(
		"refuses %s, which comes twice",
		query => {
			expect(faults(search, { search: query })).toEqual([expect.stringMatching(/ duplicate$/)]);
		}
	);

	it.each(["__proto__", "constructor", "toString", "$$strict"])(
		"does not take %s for a parameter",
		name => {
			expect(faults(search, { search: `?${name}=1` })).toEqual([`${name} unknown`]);
		}
	);

	it("refuses more parameters than any route takes before it looks at one", () => {
		const query = Array.from({ length: 501 }, (_, n) => `x${n}=`).join("&");

		expect(faults(search, { search: query })).toEqual(["query parametersMax"]);
	});

	it("names at most 50 unknown parameters", () => {
		const query = Array.from({ length: 500 }, (_, n) => `x${n}=`).join("&");

		expect(faults(search, { search: query })).toHaveLength(50);
	});

	it("lets page and pageSize pass where there are no pages", () => {
		expect(made(search, { search: "?page=2&pageSize=5" })).toEqual({});
	});
});

describe("the body", () => {
	const path = { id: "1" };
	const key = "a-key-of-mine";

	it("joins what the path says and the key from its header", () => {
		expect(made(change, { path, key, body: { name: "x" } })).toEqual({ id: "1", name: "x", key });
	});

	it("keeps a null, which says that a value is taken away", () => {
		expect(made(change, { path, key, body: { note: null } })).toEqual({ id: "1", note: null, key });
	});

	it("is left as it is: nothing is converted", () => {
		expect(made(change, { path, key, body: { name: 5 } })).toEqual({ id: "1", name: 5, key });
	});

	it("can't say anew what the path or a header says", () => {
		const body = { id: "2", key: "another-key", name: "x" };

		expect(faults(change, { path, key, body })).toEqual(["id unknown", "key unknown"]);
	});

	it("refuses a query beside it, even of a known name, and lets page pass", () => {
		expect(faults(change, { path, key, body: { name: "x" }, search: "?name=y&z=1&page=1" })).toEqual([
			"name unknown",
			"z unknown"
		]);
	});

	it("does not take a field named like a prototype's for a parameter", () => {
		const body = JSON.parse('{"__proto__": {"name": "x"}, "constructor": 1}') as Record<string, unknown>;

		expect(faults(change, { path, key, body })).toEqual(["__proto__ unknown", "constructor unknown"]);
	});

	it("has the image from the upload only", () => {
		expect(made(upload, { image: "aGk=" })).toEqual({ image: "aGk=" });
		expect(made(change, { path, key, body: { image: "x" } })).toEqual({ id: "1", image: "x", key });
	});
});

it("makes of any query either faults or parameters that the rules know", () => {
	const name = fc.oneof(
		fc.constantFrom("q", "ids", "attr.x", "attr", "maxPrice", "__proto__"),
		fc.string()
	);
	const pairs = fc.array(fc.tuple(name, fc.string()), { maxLength: 8 });

	fc.assert(
		fc.property(pairs, all => {
			const given = { search: String(new URLSearchParams(all)) };

			const names = faults(search, given).length ? [] : Object.keys(made(search, given));

			expect(names.filter(known => !Object.hasOwn(search.params, known))).toEqual([]);
		})
	);
});
