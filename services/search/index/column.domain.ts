type Numbers = Int32Array | Uint8Array | Uint16Array | Float64Array | Uint32Array;

/** A typed array that grows: `values` is replaced when it does, so read it anew after `ensure`. */
export class Column<A extends Numbers> {
	values: A;

	constructor(
		private readonly make: (length: number) => A,
		length = 256
	) {
		this.values = make(length);
	}

	/** Makes room for `length` values. */
	ensure(length: number): void {
		if (length <= this.values.length) return;
		const grown = this.make(Math.max(length, Math.ceil(this.values.length * 1.5)));
		grown.set(this.values);
		this.values = grown;
	}

	set(at: number, value: number): void {
		this.ensure(at + 1);
		this.values[at] = value;
	}

	/** 0 where nothing was set. */
	get(at: number): number {
		return this.values[at] ?? 0;
	}

	get bytes(): number {
		return this.values.byteLength;
	}
}

export const int32 = (length: number): Int32Array => new Int32Array(length);
export const uint8 = (length: number): Uint8Array => new Uint8Array(length);
export const float64 = (length: number): Float64Array => new Float64Array(length);

/** Numbers texts in the order in which they come. */
export class Numbering {
	readonly texts: string[] = [];
	private readonly numbers = new Map<string, number>();

	/** The number of the text, a new one where it is unknown. */
	add(text: string): number {
		const known = this.numbers.get(text);
		if (known !== undefined) return known;
		this.numbers.set(text, this.texts.length);
		return this.texts.push(text) - 1;
	}

	find(text: string): number | undefined {
		return this.numbers.get(text);
	}

	get size(): number {
		return this.texts.length;
	}
}
