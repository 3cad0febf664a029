import { Column, int32 } from "./column.domain";
import { PartedMap } from "./parted-map.domain";

/** Entries of one chunk of memory: large enough for most lists, small enough to be cleared at once. */
const CHUNK = 1 << 18;
const FIRST_BLOCK = 4;
/** Bits of an entry below its ordinal. */
const MASK_BITS = 4;
const MASK = (1 << MASK_BITS) - 1;

/** Entries of one token, by ascending ordinal: `ordinal << 4 | fields`. Valid until the next `add`. */
export type PostingList = { readonly chunk: Uint32Array; readonly start: number; readonly length: number };
const EMPTY: PostingList = { chunk: new Uint32Array(0), start: 0, length: 0 };

export const ordinalOf = (entry: number): number => entry >>> MASK_BITS;
export const fieldsOf = (entry: number): number => entry & MASK;

/** The entries of all lists; a product that stands in several counts as often. */
export const countEntries = (lists: readonly PostingList[]): number =>
	lists.reduce((sum, { length }) => sum + length, 0);

/**
 * Lists of products by token. Each list is a block of a chunk of memory; a full block moves to one of twice the size and is
 * used again for another list. Ordinals must be added in ascending order.
 */
export class Postings {
	private readonly numbers = new PartedMap<number>();
	private readonly chunkOf = new Column(int32);
	private readonly startOf = new Column(int32);
	private readonly lengthOf = new Column(int32);
	private readonly capacityOf = new Column(int32);
	private readonly chunks: Uint32Array[] = [];
	private used = CHUNK;
	/** Free blocks by their size, as pairs of chunk and start. */
	private readonly free = new Map<number, number[]>();

	/** True where the token is new. `fields` has one bit for each kind of text in which the token stands. */
	add(token: string, ordinal: number, fields: number): boolean {
		let number = this.numbers.get(token);
		const isNew = number === undefined;
		if (number === undefined) {
			number = this.numbers.size;
			this.numbers.set(token, number);
			this.allocate(number, FIRST_BLOCK);
			this.lengthOf.set(number, 0);
		}
		const length = this.lengthOf.get(number);
		if (length === this.capacityOf.get(number)) this.grow(number, length);
		const chunk = this.chunks[this.chunkOf.get(number)];
		if (chunk) chunk[this.startOf.get(number) + length] = (ordinal << MASK_BITS) | fields;
		this.lengthOf.set(number, length + 1);
		return isNew;
	}

	find(token: string): PostingList {
		const number = this.numbers.get(token);
		if (number === undefined) return EMPTY;
		const chunk = this.chunks[this.chunkOf.get(number)] ?? EMPTY.chunk;
		return { chunk, start: this.startOf.get(number), length: this.lengthOf.get(number) };
	}

	has(token: string): boolean {
		return this.numbers.has(token);
	}

	count = (token: string): number => {
		const number = this.numbers.get(token);
		return number === undefined ? 0 : this.lengthOf.get(number);
	};

	get size(): number {
		return this.numbers.size;
	}

	/** Bytes of the lists, and about those of the table of tokens. */
	get bytes(): number {
		return this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0) + this.size * 110;
	}

	private allocate(number: number, size: number): void {
		const block = this.free.get(size);
		const start = block?.pop();
		const chunk = block?.pop();
		if (start !== undefined && chunk !== undefined) {
			this.chunkOf.set(number, chunk);
			this.startOf.set(number, start);
		} else {
			if (this.used + size > CHUNK) {
				this.chunks.push(new Uint32Array(Math.max(CHUNK, size)));
				this.used = 0;
			}
			this.chunkOf.set(number, this.chunks.length - 1);
			this.startOf.set(number, this.used);
			this.used += size;
		}
		this.capacityOf.set(number, size);
	}

	private grow(number: number, length: number): void {
		const [chunk, start] = [this.chunkOf.get(number), this.startOf.get(number)];
		const list = this.chunks[chunk]?.subarray(start, start + length);
		this.allocate(number, length * 2);
		if (list) this.chunks[this.chunkOf.get(number)]?.set(list, this.startOf.get(number));
		const free = this.free.get(length) ?? [];
		free.push(chunk, start);
		this.free.set(length, free);
	}
}

/**
 * Entries of the ordinals that stand in every list. With `sameField` only those with a field in common; else an ordinal that
 * has none in common counts for the weakest of its fields.
 */
export function intersect(lists: readonly PostingList[], sameField: boolean): PostingList {
	const [shortest, ...others] = [...lists].sort((a, b) => a.length - b.length);
	if (!shortest) return EMPTY;
	let result = shortest;
	for (const other of others) result = intersectTwo(result, other, sameField);
	return result;
}

function intersectTwo(short: PostingList, long: PostingList, sameField: boolean): PostingList {
	const found = new Uint32Array(short.length);
	let length = 0;
	let from = 0;
	for (let i = 0; i < short.length; i++) {
		const entry = short.chunk[short.start + i] ?? 0;
		from = gallop(long, from, ordinalOf(entry));
		if (from >= long.length) break;
		const other = long.chunk[long.start + from] ?? 0;
		if (ordinalOf(other) !== ordinalOf(entry)) continue;
		const common = entry & other & MASK;
		const either = (entry | other) & MASK;
		const fields = common !== 0 || sameField ? common : either & -either;
		if (fields !== 0) found[length++] = (ordinalOf(entry) << MASK_BITS) | fields;
	}
	return { chunk: found, start: 0, length };
}

/** The first position from `from` on whose ordinal is not below `ordinal`. */
function gallop({ chunk, start, length }: PostingList, from: number, ordinal: number): number {
	let step = 1;
	let low = from;
	let high = from;
	while (high < length && ordinalOf(chunk[start + high] ?? 0) < ordinal) {
		low = high + 1;
		high += step;
		step *= 2;
	}
	high = Math.min(high, length);
	while (low < high) {
		const middle = (low + high) >> 1;
		if (ordinalOf(chunk[start + middle] ?? 0) < ordinal) low = middle + 1;
		else high = middle;
	}
	return low;
}
