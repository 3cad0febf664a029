import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root";

const TESTS = join(ROOT, "tests");
/** The end of a title in the text of a test: the string ends after it. */
const END_OF_TITLE = / \[(\d+(?:, \d+)*)\]["'`]/g;

const shownIn = (file: string): number[] =>
	[...readFileSync(file, "utf8").matchAll(END_OF_TITLE)].flatMap(([, numbers = ""]) =>
		numbers.split(", ").map(Number)
	);

const shown = (): Map<string, number[]> =>
	new Map(
		readdirSync(TESTS, { recursive: true, encoding: "utf8" })
			.filter(file => file.endsWith(".test.ts"))
			.map(file => [join(TESTS, file), shownIn(join(TESTS, file))])
	);

/** The cases that the titles of the tests name. */
export const casesWithTests = (): Set<number> => new Set([...shown().values()].flat());

/** The files with tests of any of these cases. */
export const filesWithCases = (wanted: readonly number[]): string[] =>
	[...shown()].filter(([, numbers]) => numbers.some(n => wanted.includes(n))).map(([file]) => file);
