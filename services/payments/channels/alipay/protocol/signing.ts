import { parseFields, textField, utf8 } from "../../protocol/json-fields";

/**
 * Builds the text that Alipay's gateway v2 signs: `k=v` joined by `&`, sorted by byte order. Values are not escaped, see
 * `canBeResplit`. Source: Alipay's public documents on signing requests and verifying answers and notifications.
 */
export const buildSigningString = (params: Iterable<readonly [string, string]>): string =>
	[...params]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, value]) => `${name}=${value}`)
		.join("&");

/** Parses a form strictly: undefined for a repeated name, a name that is no word, or a broken escape. */
export function parseForm(rawBody: Buffer): Map<string, string> | undefined {
	const form = new Map<string, string>();
	for (const pair of utf8(rawBody)?.split("&") ?? []) {
		const split = pair.indexOf("=");
		const name = split > 0 ? decoded(pair.slice(0, split)) : undefined;
		const value = decoded(pair.slice(split + 1));
		if (name === undefined || value === undefined || !/^\w{1,64}$/.test(name) || form.has(name))
			return undefined;
		form.set(name, value);
	}
	return form.size > 0 ? form : undefined;
}

/**
 * Whether the signed text could be split into other parameters. Values are not escaped before signing, so a genuine 0.01
 * payment with the subject `x&total_amount=9999.00&…` could be presented as one of 9999.00 under the same good signature. In
 * either form some value then contains `&name=`.
 */
export const canBeResplit = (params: ReadonlyMap<string, string>): boolean =>
	[...params.values()].some(value => /&\w+=/.test(value));

export interface SignedNode {
	/** The signed characters. Fields must be read from here, not from the whole answer. */
	content: string;
	sign: string;
}

/** Cuts the node out of `{"<name>":{…},"sign":"…"}`. JSON that is serialised again would differ from the signed text in blanks and escapes. */
export function extractSignedNode(answer: string, name: string): SignedNode | undefined {
	const sign = textField(parseFields(answer), "sign");
	const label = `"${name}":`;
	const start = answer.indexOf(label) + label.length;
	if (sign === undefined || start < label.length || answer[start] !== "{") return undefined;
	const end = endOfObject(answer, start);
	return end === undefined ? undefined : { content: answer.slice(start, end), sign };
}

function endOfObject(text: string, start: number): number | undefined {
	let depth = 0;
	let inString = false;
	for (let at = start; at < text.length; at++) {
		const char = text[at];
		if (inString) {
			if (char === "\\") at++;
			else if (char === '"') inString = false;
		} else if (char === '"') inString = true;
		else if (char === "{") depth++;
		else if (char === "}" && --depth === 0) return at + 1;
	}
	return undefined;
}

function decoded(text: string): string | undefined {
	try {
		return decodeURIComponent(text.replaceAll("+", " "));
	} catch {
		return undefined;
	}
}
