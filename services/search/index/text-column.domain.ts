import { Column, int32, uint8 } from "./column.domain";

/** Texts by number, as bytes outside the heap: hundreds of thousands of strings would make every full garbage collection longer. */
export class TextColumn {
	private readonly bytes = new Column(uint8, 4096);
	/** Where each text ends. */
	private readonly ends = new Column(int32);
	length = 0;

	push(text: string): void {
		const start = this.endOf(this.length - 1);
		this.bytes.ensure(start + 3 * text.length);
		const { written } = encoder.encodeInto(text, this.bytes.values.subarray(start));
		this.ends.set(this.length++, start + written);
	}

	at(number: number): string {
		const { values } = this.bytes;
		return Buffer.from(values.buffer).toString("utf8", this.endOf(number - 1), this.endOf(number));
	}

	get byteLength(): number {
		return this.bytes.bytes + this.ends.bytes;
	}

	private endOf(number: number): number {
		return number < 0 ? 0 : this.ends.get(number);
	}
}

const encoder = new TextEncoder();
