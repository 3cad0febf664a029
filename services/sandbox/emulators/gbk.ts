let codes: ReadonlyMap<string, number> | undefined;

/** Node reads GBK but does not write it: the table is made by reading every code once. */
function table(): ReadonlyMap<string, number> {
	const decoder = new TextDecoder("gbk");
	const found = new Map<string, number>();
	for (let lead = 0x81; lead <= 0xfe; lead++)
		for (let trail = 0x40; trail <= 0xfe; trail++) {
			const char = decoder.decode(Uint8Array.of(lead, trail));
			if (char.length === 1 && char !== "\uFFFD" && !found.has(char))
				found.set(char, (lead << 8) | trail);
		}
	return found;
}

/** What GBK has no character for becomes a question mark. */
export function gbk(text: string): Buffer {
	codes ??= table();
	const known = codes;
	return Buffer.from(
		Array.from(text).flatMap(char => {
			if (char < "\u0080") return [char.charCodeAt(0)];
			const code = known.get(char);
			return code === undefined ? [0x3f] : [code >> 8, code & 0xff];
		})
	);
}
