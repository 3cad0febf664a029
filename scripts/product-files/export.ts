import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { runCommand } from "../run-command";
import { createBar, openSession, readData } from "./staff-session";

const USAGE = "Usage: npm run export -- <file.csv> [--url http://…] [--phone …]";

/** `npm run export -- products.csv` writes all products of a running shop as a file that can be imported again. */
async function exportFile(): Promise<void> {
	const { file, session } = await openSession(USAGE);
	const counted = await session.send("GET", "/admin/products?pageSize=1");
	const { total } = await readData<{ total: number }>(counted);
	const show = createBar();
	const reply = await session.send("GET", "/admin/products/export");
	if (!reply.body) throw new Error("The shop sent no file");
	let bytes = 0;
	await pipeline(
		Readable.fromWeb(reply.body as ReadableStream<Uint8Array>),
		async function* (pieces: AsyncIterable<Buffer>) {
			for await (const piece of pieces) {
				bytes += piece.length;
				show(0, total, `products, ${Math.round(bytes / 1024)} KiB`);
				yield piece;
			}
		},
		createWriteStream(file)
	);
	show(total, total, `products, ${Math.round(bytes / 1024)} KiB`);
}

runCommand(exportFile);
