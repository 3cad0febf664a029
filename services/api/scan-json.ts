const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export type JsonLimits = {
	/** Most values: texts, numbers and so on, with the lists and objects that hold them. */
	readonly values: number;
	readonly depth: number;
};

/**
 * The limit that a JSON text in UTF-8 exceeds, found by its commas, brackets and quotes alone and no further than the limit: to
 * parse a body of many values takes a hundred times as long. Whether the text is JSON at all, the parser says.
 */
export function findExceededLimit(json: Uint8Array, limits: JsonLimits): keyof JsonLimits | null {
	let values = 1;
	let depth = 0;
	for (let at = 0; at < json.length; at++) {
		const byte = json[at];
		if (byte === QUOTE) at = findEndOfText(json, at);
		else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
		else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
			if (++depth > limits.depth) return "depth";
			values++;
		} else if (byte === COMMA) values++;
		if (values > limits.values) return "values";
	}
	return null;
}

/** Where the text ends that begins with the quote at `start`: at the next quote that no backslash escapes. */
function findEndOfText(json: Uint8Array, start: number): number {
	for (let end = json.indexOf(QUOTE, start + 1); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
		let backslashes = 0;
		while (json[end - 1 - backslashes] === BACKSLASH) backslashes++;
		if (backslashes % 2 === 0) return end;
	}
	return json.length;
}
