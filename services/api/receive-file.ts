import { Busboy } from "@fastify/busboy";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { invalidFields, Refusal } from "../../schemas/errors/errors";
import type { FileForm } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";

const MIB = 1024 * 1024;
const MAX_UPLOAD_MS = 10 * 60_000;

/**
 * Hands the file of a multipart form on in pieces, as it arrives, and resolves to the id that they have. The gateway holds one
 * piece at a time. Refuses a form that takes over ten minutes to arrive.
 */
export async function receiveFile(ctx: Ctx<unknown>, req: IncomingMessage, form: FileForm): Promise<string> {
	if (!/^multipart\/form-data\s*;/i.test(req.headers["content-type"] ?? ""))
		throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "Send multipart/form-data");
	// Refused before anything of it is read; the form around the file has less than a mebibyte.
	if (Number(req.headers["content-length"] ?? 0) > form.maxBytes + MIB) throw tooLarge(form);
	const file = randomUUID();
	let n = 0;
	const send = (piece: Buffer) => {
		const params = { file, n: n++, data: piece.toString("base64") };
		return ctx.call<unknown, object>(form.append, params);
	};
	await readForm(req, form, send);
	if (n === 0) throw missing(form);
	return file;
}

const tooLarge = ({ maxBytes }: FileForm) =>
	new Refusal("PAYLOAD_TOO_LARGE", `File over ${Math.floor(maxBytes / MIB)} MiB`);
const missing = ({ field }: FileForm) => invalidFields([{ field, type: "required" }]);

function readForm(
	req: IncomingMessage,
	form: FileForm,
	send: (piece: Buffer) => Promise<unknown>
): Promise<void> {
	let timer: NodeJS.Timeout;
	return new Promise<void>((resolve, reject) => {
		const fail = (err: unknown) => {
			req.unpipe();
			req.resume();
			reject(err instanceof Error && "type" in err ? err : missing(form));
		};
		timer = setTimeout(() => fail(missing(form)), MAX_UPLOAD_MS);
		let sending: Promise<void> = Promise.resolve();
		const busboy = (() => {
			try {
				const headers = { ...req.headers, "content-type": req.headers["content-type"] ?? "" };
				return new Busboy({
					headers,
					limits: { fileSize: form.maxBytes, files: 1, fields: 0, parts: 1 }
				});
			} catch (err) {
				fail(err);
				return undefined;
			}
		})();
		busboy?.on("file", (name, file) => {
			file.on("limit", () => fail(tooLarge(form)));
			file.on("error", fail);
			if (name === form.field) sending = sendInPieces(file, form.pieceBytes, send);
			else file.resume();
			sending.catch(fail);
		});
		busboy?.on("error", fail);
		busboy?.on("finish", () => void sending.then(resolve, fail));
		req.on("aborted", () => fail(missing(form)));
		if (busboy) req.pipe(busboy);
	}).finally(() => clearTimeout(timer));
}

async function sendInPieces(
	file: Readable,
	pieceBytes: number,
	send: (piece: Buffer) => Promise<unknown>
): Promise<void> {
	let parts: Buffer[] = [];
	let bytes = 0;
	for await (const part of file as AsyncIterable<Buffer>) {
		parts.push(part);
		bytes += part.length;
		if (bytes < pieceBytes) continue;
		const whole = Buffer.concat(parts);
		await send(whole.subarray(0, pieceBytes));
		parts = [whole.subarray(pieceBytes)];
		bytes = whole.length - pieceBytes;
	}
	if (bytes > 0) await send(Buffer.concat(parts));
}
