import fc from "fast-check";
import { MAX_FAULTS } from "../errors/errors";
import { toJsonSchema } from "./json-schema";
import * as r from "./rules";
import { newValidator } from "./validator";

const validator = newValidator();
const faultsOf = (rule: r.Rule<unknown>, value: unknown) => {
	const verdict = validator.compile({ $$root: true, ...rule })(value);
	return verdict === true ? [] : (verdict as { type: string }[]).map(({ type }) => type);
};

it.each(["😀", "𠮷", "中", "x"])("counts %s as one character", character => {
	expect(faultsOf(r.str({ min: 3, max: 3 }), character.repeat(3))).toEqual([]);
	expect(faultsOf(r.str({ max: 3 }), character.repeat(4))).toEqual(["stringMax"]);
	expect(faultsOf(r.str({ min: 3 }), character.repeat(2))).toEqual(["stringMin"]);
});

it("takes a text by its length where JSON Schema does", () => {
	const rule = r.text({ min: 2, max: 5 });
	const { minLength, maxLength } = toJsonSchema(rule) as { minLength: number; maxLength: number };
	const characters = fc.constantFrom("a", "中", "😀", "é", "e\u0301", "👨‍👩‍👧", "\u200c", "क्ष");
	fc.assert(
		fc.property(fc.array(characters, { maxLength: 7 }), parts => {
			const value = parts.join("");
			const { length } = Array.from(value);

			expect(faultsOf(rule, value)).toEqual([
				...(length < minLength ? ["stringMin"] : []),
				...(length > maxLength ? ["stringMax"] : [])
			]);
		})
	);
});

/** A list of that many items that counts how often one is read. */
function countingReads(length: number) {
	const reads = { count: 0 };
	const target = Array<string>(length).fill("x");
	const list = new Proxy(target, {
		get(from, name, receiver) {
			if (/^\d+$/.test(String(name))) reads.count++;
			return Reflect.get(from, name, receiver) as unknown;
		}
	});
	return { list, reads };
}

it("refuses a list over its maximum without reading an item", () => {
	const { list, reads } = countingReads(1000);

	expect(faultsOf(r.list(r.int(), { max: 10, unique: true }), list)).toEqual(["arrayMax"]);
	expect(reads.count).toBe(0);
});

it("refuses a dictionary over its maximum by that fault alone", () => {
	const entries = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`k${n}`, "x"]));

	expect(faultsOf(r.record(r.int(), { max: 10 }), entries)).toEqual(["recordMax"]);
});

it("refuses a text over its maximum by that fault alone", () => {
	expect(faultsOf(r.str({ max: 3, pattern: /^\d+$/ }), "x".repeat(1000))).toEqual(["stringMax"]);
});

it("judges no more items once there are as many faults as an answer names", () => {
	const { list, reads } = countingReads(1000);
	const entries = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`k${n}`, "x"]));
	const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`k${n}`, n]));
	const [strict] = validator.compile({ $$root: true, ...r.obj({}) })(unknown) as { actual: string }[];

	expect(faultsOf(r.list(r.int()), list)).toHaveLength(MAX_FAULTS);
	expect(reads.count).toBeLessThan(3 * MAX_FAULTS);
	expect(faultsOf(r.record(r.int()), entries)).toHaveLength(MAX_FAULTS);
	expect(strict?.actual.split(", ")).toHaveLength(MAX_FAULTS);
});

it.each([
	[{ page: 100, pageSize: 100 }, []],
	[{ page: 500 }, []],
	[{ page: 501 }, ["pageDepth"]],
	[{ page: 101, pageSize: 100 }, ["pageDepth"]],
	[{ page: 1_000_000, pageSize: 1 }, ["pageDepth"]]
])("takes the page %j with the faults %j", (params, faults) => {
	expect(faultsOf(r.obj({ ...r.paging }), params)).toEqual(faults);
});
