import { Busboy } from "@fastify/busboy";
import type { IncomingMessage } from "node:http";
import { encodePicture } from "../../mixins/platform";
import { invalidFields, Refusal } from "../../schemas/errors/errors";
import type { PictureForm } from "../../schemas/kit/contract";

const MIB = 1024 * 1024;
const MAX_PIXELS = 25_000_000;
/** In base64 it fits a message of NATS, which has 1 MiB at most where its `max_payload` is the default. */
const MAX_ENCODED_BYTES = 700_000;
const MAX_UPLOAD_MS = 30_000;
const MAX_FIELD_BYTES = 1_000;

/** `image` is base64 WebP; `fields` are the form's text fields. */
export type SentPicture = { readonly image: string; readonly fields: Readonly<Record<string, string>> };
type Form = { readonly bytes: Buffer; readonly fields: Readonly<Record<string, string>> };

/** Reads one picture (png, jpeg or webp) of a multipart form and encodes it anew. Refuses a form that takes over 30 s to arrive. */
export async function readPicture(req: IncomingMessage, form: PictureForm): Promise<SentPicture> {
	if (!/^multipart\/form-data\s*;/i.test(req.headers["content-type"] ?? ""))
		throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "Send multipart/form-data");
	const { bytes, fields } = await readForm(req, form);
	const limits = { maxEdge: form.maxEdge, maxPixels: MAX_PIXELS, maxBytes: MAX_ENCODED_BYTES };
	const image = await encodePicture({ bytes, ...limits });
	return { image: image.toString("base64"), fields };
}

function readForm(req: IncomingMessage, { field, maxBytes }: PictureForm): Promise<Form> {
	let timer: NodeJS.Timeout;
	return new Promise<Form>((resolve, reject) => {
		const missing = invalidFields([{ field, type: "required" }]);
		const fields: Record<string, string> = Object.create(null) as Record<string, string>;
		let found: Buffer | undefined;
		const fail = (err: unknown) => {
			req.unpipe();
			req.resume();
			reject(err instanceof Refusal ? err : missing);
		};
		timer = setTimeout(() => fail(missing), MAX_UPLOAD_MS);
		const form = (() => {
			try {
				const headers = { ...req.headers, "content-type": req.headers["content-type"] ?? "" };
				const limits = { fileSize: maxBytes, files: 1, fields: 10, parts: 11 };
				return new Busboy({ headers, limits: { ...limits, fieldSize: MAX_FIELD_BYTES } });
			} catch (err) {
				fail(err);
				return undefined;
			}
		})();
		form?.on("field", (name, value) => (fields[name] = value));
		form?.on("file", (name, file) => {
			const chunks: Buffer[] = [];
			file.on("data", (chunk: Buffer) => chunks.push(chunk));
			file.on("limit", () =>
				fail(new Refusal("PAYLOAD_TOO_LARGE", `File over ${Math.floor(maxBytes / MIB)} MiB`))
			);
			file.on("error", fail);
			file.on("end", () => {
				if (name === field) found = Buffer.concat(chunks);
			});
		});
		form?.on("error", fail);
		form?.on("finish", () => (found?.length ? resolve({ bytes: found, fields }) : reject(missing)));
		req.on("aborted", () => fail(missing));
		if (form) req.pipe(form);
	}).finally(() => clearTimeout(timer));
}
