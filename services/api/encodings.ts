import { promisify } from "node:util";
import { brotliCompress, constants, crc32, deflateRaw, gzip } from "node:zlib";
import Negotiator from "negotiator";

/** Encodings that the gateway can answer in (RFC 9110, 8.4), the preferred first. */
const ENCODINGS = ["br", "gzip", "identity"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Texts that are shorter gain less than the work costs. */
const MIN_BYTES = 1024;
/** Many times faster than the default 11, and still smaller than gzip. */
const BROTLI_QUALITY = 5;
/** Browsers send a handful of different headers. */
const MAX_KNOWN_HEADERS = 200;

/** The types of the package lack the second parameter. */
type Negotiation = { encodings(available: string[], options: { preferred: string[] }): string[] };

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);
const compressDeflate = promisify<Buffer, { finishFlush: number }, Buffer>(deflateRaw);

const known = new Map<string, Encoding>();

/** The encoding that an Accept-Encoding header prefers, for a text of this length. */
export function chooseEncoding(header: string | string[] | undefined, bytes: number): Encoding {
	if (typeof header !== "string" || bytes < MIN_BYTES) return "identity";
	const remembered = known.get(header);
	if (remembered) return remembered;
	const negotiator: Negotiation = new Negotiator({ headers: { "accept-encoding": header } });
	const [chosen] = negotiator.encodings([...ENCODINGS], { preferred: [...ENCODINGS] });
	const encoding = ENCODINGS.find(name => name === chosen) ?? "identity";
	if (known.size >= MAX_KNOWN_HEADERS) known.clear();
	known.set(header, encoding);
	return encoding;
}

/** Compresses a text as a whole. */
export async function encodeText(encoding: Encoding, text: Buffer): Promise<Buffer> {
	if (encoding === "identity") return text;
	return encoding === "gzip" ? compressGzip(text) : compressBrotli(text, brotliOptions(text));
}

const brotliOptions = (text: Buffer) => ({
	params: {
		[constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
		[constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
		[constants.BROTLI_PARAM_SIZE_HINT]: text.length
	}
});

/** The compressed beginning of a text that has a different end each time. */
export type EncodedBeginning = {
	readonly encoding: Encoding;
	readonly bytes: Buffer;
	readonly plainBytes: number;
	readonly crc: number;
};

/** Compresses the beginning of a text once; `appendEnd` adds an end without compressing anything. */
export async function encodeBeginning(encoding: Encoding, text: Buffer): Promise<EncodedBeginning> {
	const common = { encoding, plainBytes: text.length, crc: 0 };
	if (encoding === "identity") return { ...common, bytes: text };
	if (encoding === "br") {
		const finishFlush = constants.BROTLI_OPERATION_FLUSH;
		return { ...common, bytes: await compressBrotli(text, { ...brotliOptions(text), finishFlush }) };
	}
	const blocks = await compressDeflate(text, { finishFlush: constants.Z_SYNC_FLUSH });
	return { ...common, bytes: Buffer.concat([GZIP_HEADER, blocks]), crc: crc32(text) };
}

/** Deflated, without a name and time, of an unknown system (RFC 1952, 2.3). */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** Adds an end of 1 to 65,535 bytes, which is stored as it is. */
export function appendEnd({ encoding, bytes, plainBytes, crc }: EncodedBeginning, end: Buffer): Buffer {
	if (encoding === "identity") return Buffer.concat([bytes, end]);
	if (encoding === "br") {
		// RFC 7932, 9.2: an uncompressed meta-block (ISLAST 0, MNIBBLES 4, MLEN - 1, ISUNCOMPRESSED 1), then an empty last one.
		const header = Buffer.alloc(3);
		header.writeUIntLE(((end.length - 1) << 3) | (1 << 19), 0, 3);
		return Buffer.concat([bytes, header, end, Buffer.from([0b11])]);
	}
	// RFC 1951, 3.2.4: a last block that is stored; then RFC 1952, 2.3.1: the checksum and the length of the whole text.
	const header = Buffer.alloc(5);
	header.writeUInt8(1, 0);
	header.writeUInt16LE(end.length, 1);
	header.writeUInt16LE(~end.length & 0xffff, 3);
	const trailer = Buffer.alloc(8);
	trailer.writeUInt32LE(crc32(end, crc), 0);
	trailer.writeUInt32LE((plainBytes + end.length) >>> 0, 4);
	return Buffer.concat([bytes, header, end, trailer]);
}
