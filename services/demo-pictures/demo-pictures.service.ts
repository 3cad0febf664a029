import { demoPictures } from "../../schemas/demo-pictures.contract";
import { notFound } from "../../schemas/errors/errors";
import { EMBEDDABLE } from "../../schemas/http.contract";
import { service } from "../../schemas/registry";
import { drawPicture, parsePicturePath } from "./picture.domain";

/** A path names the same picture for ever. Since the picture is drawn from text in the path, it may run and load nothing. */
const HEADERS = {
	...EMBEDDABLE,
	"content-type": "image/svg+xml; charset=utf-8",
	"cache-control": "public, max-age=31536000, immutable",
	"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
	"x-content-type-options": "nosniff"
};

/** Draws the pictures of the demo catalogue; stores nothing. */
export default service(demoPictures, {
	mixins: [],

	actions: {
		draw: {
			async handler({ params }) {
				const picture = parsePicturePath(params.path);
				if (!picture) throw notFound("picture");
				const svg = drawPicture(picture.seed, picture.label);
				return { status: 200, headers: HEADERS, body: Buffer.from(svg).toString("base64") };
			}
		}
	}
});
