import { Locale } from "opencc-js/t2cn";

/** UTF-16 code of the simplified character by the code of the traditional one; 0 where both are the same. Filled at the first use. */
let simplified: Uint16Array | undefined;

/** Reads OpenCC's table of single characters, `萬 万|與 与|…`; the phrases beside them differ in meaning, not in what is found. */
function readSimplifiedCharacters(): Uint16Array {
	const table = new Uint16Array(1 << 16);
	const read = (dictionary: unknown): void => {
		if (Array.isArray(dictionary)) return dictionary.forEach(read);
		for (const entry of String(dictionary).split("|")) {
			const [from = "", to = ""] = entry.split(" ");
			if (from.length === 1 && to.length === 1) table[from.charCodeAt(0)] = to.charCodeAt(0);
		}
	};
	const { to } = Locale as { readonly to: Readonly<Record<string, unknown>> };
	read(to["cn"]);
	return table;
}

/** Levi's is also written Levis. */
const APOSTROPHES = /['’]/g;
const BASIC_LATIN = /^[\0-\x7f]*$/;

/** The form in which texts and queries are compared: without differences of width, case and traditional characters. */
export function foldText(text: string): string {
	if (BASIC_LATIN.test(text)) return text.toLowerCase().replace(APOSTROPHES, "");
	const folded = text.normalize("NFKC").toLowerCase().replace(APOSTROPHES, "");
	simplified ??= readSimplifiedCharacters();
	let result = "";
	let copied = 0;
	for (let i = 0; i < folded.length; i++) {
		const code = simplified[folded.charCodeAt(i)] ?? 0;
		if (code === 0) continue;
		result += folded.slice(copied, i) + String.fromCharCode(code);
		copied = i + 1;
	}
	return copied === 0 ? folded : result + folded.slice(copied);
}
