import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { invalid, invalidFields, Refusal } from "../../schemas/errors/errors";
import { countLineBreaks } from "./cells.domain";
import type { ProductFilesContext } from "./product-files.context";

/** A record with the line on which it begins. */
export type CsvRecord = { readonly line: number; readonly cells: readonly string[] };
export type Encoding = "utf-8" | "gb18030";

/** Longest record in bytes: a header of the most and longest columns in UTF-8, which is longer than the texts of a product. */
const MAX_RECORD_BYTES = 1_000_000;
/** Text that is parsed before others have their turn: a few milliseconds. */
const SLICE = 16 * 1024;

/** First bytes of files that are no text: zip (also of a spreadsheet), gzip, PDF, pictures, old spreadsheets, UTF-16. */
const NO_TEXT = [
	"504b0304",
	"504b0506",
	"1f8b",
	"25504446",
	"89504e47",
	"ffd8ff",
	"d0cf11e0",
	"fffe",
	"feff"
];

async function* readBytes(
	{ pieces }: Pick<ProductFilesContext, "pieces">,
	file: string
): AsyncGenerator<Buffer> {
	for (let n = 0; ; n++) {
		const piece = await pieces.findOne({ _id: `${file}:${n}` });
		if (!piece) return;
		yield Buffer.from(piece.data, "base64");
	}
}

/** Removes a file piece by piece: all pieces in one write of the SQLite file would hold the event loop. */
export async function removePieces(
	{ pieces }: Pick<ProductFilesContext, "pieces">,
	file: string
): Promise<void> {
	for (let n = 0; (await pieces.remove({ _id: `${file}:${n}` })) > 0; n++) await yieldToOthers();
}

/** The encoding of a file, and a digest of its bytes; refuses what is no text in UTF-8 or GBK. */
export async function inspectFile(
	context: Pick<ProductFilesContext, "pieces">,
	file: string
): Promise<{ readonly encoding: Encoding; readonly digest: Hash }> {
	const digest = createHash("sha256");
	const decoder = new TextDecoder("utf-8", { fatal: true });
	let isUtf8 = true;
	let hasMark = false;
	let isFirst = true;
	for await (const bytes of readBytes(context, file)) {
		const beginning = bytes.subarray(0, 4).toString("hex");
		if (isFirst && NO_TEXT.some(magic => beginning.startsWith(magic))) throw noText();
		if (isFirst) hasMark = beginning.startsWith("efbbbf");
		if (bytes.includes(0)) throw noText();
		isFirst = false;
		digest.update(bytes);
		isUtf8 &&= isDecoded(() => decoder.decode(bytes, { stream: true }));
		await yieldToOthers();
	}
	isUtf8 &&= isDecoded(() => decoder.decode());
	if (isUtf8) return { encoding: "utf-8", digest };
	if (hasMark) throw invalid("file", "fileEncoding");
	return { encoding: "gb18030", digest };
}

const noText = () => new Refusal("UNSUPPORTED_MEDIA_TYPE", "The file is no CSV text");

function isDecoded(decode: () => string): boolean {
	try {
		decode();
		return true;
	} catch {
		return false;
	}
}

/** The text of a file in slices; a GBK text with characters that GBK does not have is refused. */
async function* readText(
	context: Pick<ProductFilesContext, "pieces">,
	file: string,
	encoding: Encoding
): AsyncGenerator<string> {
	const { default: iconv } = await import("iconv-lite");
	const decoder = iconv.getDecoder(encoding);
	for await (const bytes of readBytes(context, file))
		for (let from = 0; from < bytes.length; from += SLICE) {
			const text = decoder.write(bytes.subarray(from, from + SLICE));
			if (encoding !== "utf-8" && text.includes("\ufffd")) throw invalid("file", "fileEncoding");
			yield text;
			await yieldToOthers();
		}
	yield decoder.end() ?? "";
}

/** The records of a file, the header first; blank lines are left out. Refuses a file that is no CSV. */
export async function* readRecords(
	context: Pick<ProductFilesContext, "pieces">,
	file: string,
	encoding: Encoding
): AsyncGenerator<CsvRecord> {
	const { parse } = await import("csv-parse");
	const parser = parse({
		bom: true,
		relax_column_count: true,
		relax_quotes: true,
		max_record_size: MAX_RECORD_BYTES
	});
	const text = Readable.from(readText(context, file, encoding), { highWaterMark: 1 });
	text.on("error", err => parser.destroy(err));
	text.pipe(parser);
	let line = 1;
	try {
		for await (const cells of parser as AsyncIterable<string[]>) {
			if (cells.length > 1 || cells[0] !== "") yield { line, cells };
			line += 1 + cells.reduce((sum, cell) => sum + countLineBreaks(cell), 0);
		}
	} catch (err) {
		throw toRefusal(err, line);
	} finally {
		text.destroy();
	}
}

function toRefusal(err: unknown, line: number): unknown {
	const code = err instanceof Error && "code" in err ? err.code : undefined;
	if (code === "CSV_MAX_RECORD_SIZE")
		return invalidFields([{ field: "file", type: "rowTooLong", expected: line }]);
	if (code === "CSV_QUOTE_NOT_CLOSED")
		return invalidFields([{ field: "file", type: "quoteOpen", expected: line }]);
	return err;
}
