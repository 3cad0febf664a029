let codes: ReadonlyMap<string, number> | undefined;

/** Node decodes GBK but does not encode it, so the table is built by decoding every code once. */
function buildTable(): ReadonlyMap<string, number> {
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

/** Characters that GBK lacks become question marks. */
export function encodeGbk(text: string): Buffer {
	codes ??= buildTable();
	const known = codes;
	return Buffer.from(
		Array.from(text).flatMap(char => {
			if (char < "\u0080") return [char.charCodeAt(0)];
			const code = known.get(char);
			return code === undefined ? [0x3f] : [code >> 8, code & 0xff];
		})
	);
}
