import { Refusal } from "../../schemas/errors";
import { EMBEDDABLE, type RawResponse } from "../../schemas/http.contract";
import { drawPicture, pictureOf } from "./picture.domain";

/** The same address is the same picture for ever; it is drawn of an address, so it may run nothing. */
const HEADERS = {
	...EMBEDDABLE,
	"content-type": "image/svg+xml; charset=utf-8",
	"cache-control": "public, max-age=31536000, immutable",
	"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
	"x-content-type-options": "nosniff"
};

export function pictureAnswer(path: string): RawResponse {
	const picture = pictureOf(path);
	if (!picture) throw new Refusal("NOT_FOUND", "No such picture");
	const svg = drawPicture(picture.seed, picture.label);
	return { status: 200, headers: HEADERS, body: Buffer.from(svg).toString("base64") };
}
