import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root";

const TESTS = join(ROOT, "tests");
/** The end of a test's title in its source text. */
const END_OF_TITLE = / \[(\d+(?:, \d+)*)\]["'`]/g;

const readCases = (file: string): number[] =>
	[...readFileSync(file, "utf8").matchAll(END_OF_TITLE)].flatMap(([, numbers = ""]) =>
		numbers.split(", ").map(Number)
	);

const readAllCases = (): Map<string, number[]> =>
	new Map(
		readdirSync(TESTS, { recursive: true, encoding: "utf8" })
			.filter(file => file.endsWith(".test.ts"))
			.map(file => [join(TESTS, file), readCases(join(TESTS, file))])
	);

/** The cases that some test's title names. */
export const findTestedCases = (): Set<number> => new Set([...readAllCases().values()].flat());

export const findFilesWithCases = (wanted: readonly number[]): string[] =>
	[...readAllCases()].filter(([, numbers]) => numbers.some(n => wanted.includes(n))).map(([file]) => file);
