import { SettingError } from "./environment";

/**
 * Refuses a variable whose name is almost one of the known ones. A name that is set rightly as well is taken for another
 * program's, and so is one whose value only a container platform writes (`REDIS_PORT=tcp://…`).
 */
export function refuseMisspelled(
	env: Readonly<Record<string, string | undefined>>,
	known: readonly string[]
): void {
	const isSet = (name: string) => Boolean(env[name]?.trim());
	for (const name of Object.keys(env)) {
		if (!isSet(name) || known.includes(name) || env[name]?.startsWith("tcp://")) continue;
		const meant = known.find(other => !isSet(other) && isAlmost(name, other));
		if (meant)
			throw new SettingError(
				name,
				`不是已知的设置，您是否想写 ${meant}？`,
				`is not a setting: did you mean ${meant}?`
			);
	}
}

/** Names shorter than this are common words, of which many are alike. */
const MIN_COMPARED_LENGTH = 7;
/** A long name may have two mistakes. */
const LONG_NAME = 11;

/** Whether two names differ by case, underscores, URI for URL, or one slip of the finger; long ones by two. */
function isAlmost(name: string, other: string): boolean {
	if (other.length < MIN_COMPARED_LENGTH) return false;
	const allowed = Math.max(name.length, other.length) >= LONG_NAME ? 2 : 1;
	const [a, b] = [normalize(name), normalize(other)];
	// Every start compares each variable with each name, and almost all names differ in their length or in their letters.
	return (
		Math.abs(a.length - b.length) <= allowed &&
		countLettersOnlyIn(a, b) <= allowed &&
		countSlips(a, b) <= allowed
	);
}

const countLettersOnlyIn = (a: string, b: string): number =>
	[...new Set(a)].filter(letter => !b.includes(letter)).length;

const normalize = (name: string) => name.toUpperCase().replaceAll("_", "").replace(/URI$/, "URL");

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. */
function countSlips(a: string, b: string): number {
	const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
	const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
	for (let i = 1; i <= a.length; i++) {
		rows.push([i]);
		for (let j = 1; j <= b.length; j++) {
			const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
			const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
			rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped));
		}
	}
	return at(a.length, b.length);
}
