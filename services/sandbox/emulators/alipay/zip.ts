import { crc32, deflateRawSync } from "node:zlib";

type File = { readonly name: Buffer; readonly content: Buffer };

/** Builds a ZIP archive of a few small files. Names are bytes, in the caller's encoding. */
export function buildZip(files: readonly File[]): Buffer {
	const locals: Buffer[] = [];
	const entries: Buffer[] = [];
	let offset = 0;
	for (const { name, content } of files) {
		const packed = deflateRawSync(content);
		const shared = writeNumbers(
			[20, 2],
			[0, 2],
			[8, 2],
			[0, 4],
			[crc32(content), 4],
			[packed.length, 4],
			[content.length, 4]
		);
		const local = Buffer.concat([
			writeNumbers([0x04034b50, 4]),
			shared,
			writeNumbers([name.length, 2], [0, 2]),
			name,
			packed
		]);
		const lengths = writeNumbers([name.length, 2], [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]);
		entries.push(Buffer.concat([writeNumbers([0x02014b50, 4], [20, 2]), shared, lengths, name]));
		locals.push(local);
		offset += local.length;
	}
	const directory = Buffer.concat(entries);
	const { length } = files;
	const end = writeNumbers(
		[0x06054b50, 4],
		[0, 4],
		[length, 2],
		[length, 2],
		[directory.length, 4],
		[offset, 4],
		[0, 2]
	);
	return Buffer.concat([...locals, directory, end]);
}

/** Writes little-endian numbers of the given widths. */
function writeNumbers(...values: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer {
	return Buffer.concat(
		values.map(([value, bytes]) => {
			const buffer = Buffer.alloc(bytes);
			buffer.writeUIntLE(value, 0, bytes);
			return buffer;
		})
	);
}
