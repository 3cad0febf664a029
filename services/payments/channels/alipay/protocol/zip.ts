import { crc32, inflateRawSync } from "node:zlib";

/** Signatures and sizes of a ZIP's records (PKWARE's APPNOTE 4.3). */
const LOCAL = { signature: 0x04034b50, size: 30 };
const ENTRY = { signature: 0x02014b50, size: 46 };
const END = { signature: 0x06054b50, size: 22 };
const STORED = 0;
const DEFLATED = 8;

/**
 * Extracts the files of a small ZIP archive, stored or deflated, and checks their CRC. Undefined for anything that is no ZIP,
 * is damaged, or holds more than `maxBytes`. Sizes come from the central directory, since local headers may omit them.
 */
export function unzip(archive: Buffer, maxBytes: number): Buffer[] | undefined {
	try {
		const end = archive.lastIndexOf(signature(END.signature));
		if (end < 0 || end + END.size > archive.length) return undefined;
		const files: Buffer[] = [];
		let at = archive.readUInt32LE(end + 16);
		let left = maxBytes;
		for (let n = archive.readUInt16LE(end + 10); n > 0; n--) {
			if (archive.readUInt32LE(at) !== ENTRY.signature) return undefined;
			const file = extractFile(archive, at, left);
			if (!file) return undefined;
			files.push(file);
			left -= file.length;
			at += ENTRY.size + [28, 30, 32].reduce((sum, of) => sum + archive.readUInt16LE(at + of), 0);
		}
		return files;
	} catch {
		return undefined; // The archive is truncated, or inflates to more than allowed.
	}
}

function extractFile(archive: Buffer, entry: number, maxBytes: number): Buffer | undefined {
	const method = archive.readUInt16LE(entry + 10);
	const sum = archive.readUInt32LE(entry + 16);
	const packedSize = archive.readUInt32LE(entry + 20);
	const local = archive.readUInt32LE(entry + 42);
	if (archive.readUInt32LE(local) !== LOCAL.signature) return undefined;
	const start = local + LOCAL.size + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
	if (start + packedSize > archive.length) return undefined;
	const packed = archive.subarray(start, start + packedSize);
	const file = unpack(method, packed, maxBytes);
	return file && file.length <= maxBytes && crc32(file) === sum ? file : undefined;
}

function unpack(method: number, packed: Buffer, maxBytes: number): Buffer | undefined {
	if (method === STORED) return packed;
	return method === DEFLATED ? inflateRawSync(packed, { maxOutputLength: maxBytes + 1 }) : undefined;
}

function signature(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value);
	return bytes;
}
