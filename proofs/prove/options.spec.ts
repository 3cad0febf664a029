import { readOptions } from "./options";

it("trades for a minute as twelve buyers with six SKUs unless it is told otherwise", () => {
	expect(readOptions(["--seed", "3"])).toMatchObject({
		minutes: 1,
		buyers: 12,
		skus: 6,
		seed: 3,
		out: "prove"
	});
	expect(readOptions(["--minutes", "0.5", "--mutant", "read-then-write"])).toMatchObject({
		minutes: 0.5,
		mutant: "read-then-write"
	});
});

it.each([
	["an unknown mutant", ["--mutant", "nobody"], /--mutant must be one of .*read-then-write.*, not nobody/],
	["minutes that are not a number", ["--minutes", "soon"], /--minutes must be a number above 0, not soon/],
	["no buyers", ["--buyers", "0"], /--buyers must be a number above 0, not 0/],
	["faults for a deployment", ["--url", "http://127.0.0.1:9", "--faults"], /cannot be used with --url/],
	["the database of no deployment", ["--mongo", "mongodb://127.0.0.1"], /--mongo needs --url/]
])("refuses %s", (_, args, says) => {
	expect(() => readOptions(args)).toThrow(says);
});
