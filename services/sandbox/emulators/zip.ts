import { crc32, deflateRawSync } from "node:zlib";

type File = { readonly name: Buffer; readonly content: Buffer };

/** A ZIP archive of a few small files. Names are bytes: whoever made them knows in which encoding. */
export function zip(files: readonly File[]): Buffer {
	const locals: Buffer[] = [];
	const entries: Buffer[] = [];
	let offset = 0;
	for (const { name, content } of files) {
		const packed = deflateRawSync(content);
		const shared = numbers(
			[20, 2],
			[0, 2],
			[8, 2],
			[0, 4],
			[crc32(content), 4],
			[packed.length, 4],
			[content.length, 4]
		);
		const local = Buffer.concat([
			numbers([0x04034b50, 4]),
			shared,
			numbers([name.length, 2], [0, 2]),
			name,
			packed
		]);
		const lengths = numbers([name.length, 2], [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]);
		entries.push(Buffer.concat([numbers([0x02014b50, 4], [20, 2]), shared, lengths, name]));
		locals.push(local);
		offset += local.length;
	}
	const directory = Buffer.concat(entries);
	const { length } = files;
	const end = numbers(
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

/** Little-endian numbers of so many bytes each. */
function numbers(...values: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer {
	return Buffer.concat(
		values.map(([value, bytes]) => {
			const buffer = Buffer.alloc(bytes);
			buffer.writeUIntLE(value, 0, bytes);
			return buffer;
		})
	);
}
