import { openPictureBucket } from "../../mixins/platform";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { notFound } from "../../schemas/errors/errors";
import { EMBEDDABLE } from "../../schemas/http.contract";
import { service } from "../../schemas/registry";
import type { Mixin } from "../../schemas/kit/service";
import { uploads } from "../../schemas/uploads.contract";
import { parseUploadUrl, toUploadUrl } from "../../schemas/values/uploads";
import { checkPictures, claimPictures, releasePictures, sweepPictures } from "./claim-pictures";
import type { Picture, PictureBytes, PictureClaim } from "./picture.domain";
import { readBytes, storePicture } from "./store-picture";
import type { UploadsContext } from "./uploads.context";

/** A picture of another content has another address, so what is at an address never changes. */
const HEADERS = {
	...EMBEDDABLE,
	"Content-Type": "image/webp",
	"Cache-Control": "public, max-age=31536000, immutable"
};

/** Owns uploaded pictures: their bytes, and who has claimed them. What nobody claims is removed after a day. */
export default service(uploads, {
	mixins: [
		storeMixin({
			pictures: collection<Picture>("pictures", [{ keys: { sweepAt: 1 } }]),
			claims: collection<PictureClaim>("picture_claims", [{ keys: { names: 1 } }]),
			pictureBytes: collection<PictureBytes>("picture_bytes")
		}),
		{
			created() {
				Object.assign(this, { bucket: openPictureBucket() });
			}
		} as Mixin<Pick<UploadsContext, "bucket">>,
		scheduleMixin<UploadsContext>({
			name: "remove unclaimed pictures",
			every: "housekeeping.sweepEvery",
			run() {
				return sweepPictures(this, new Date());
			}
		})
	],

	actions: {
		upload: {
			async handler(ctx) {
				return { url: toUploadUrl(await storePicture(this, ctx.params.image, new Date())) };
			}
		},
		uploadForShop: {
			async handler(ctx) {
				return { url: toUploadUrl(await storePicture(this, ctx.params.image, new Date())) };
			}
		},
		show: {
			async handler({ params: { path } }) {
				const name = parseUploadUrl(path);
				const body = name && (await readBytes(this, name));
				if (!body) throw notFound("picture");
				return { status: 200, headers: HEADERS, body };
			}
		},
		claim: {
			async handler({ params: { owner, urls, field = "images" } }) {
				await claimPictures(this, { owner, urls, field });
				return null;
			}
		},
		check: {
			async handler({ params: { urls, field = "images" } }) {
				await checkPictures(this, { urls, field });
				return null;
			}
		},
		release: {
			async handler({ params: { owner } }) {
				await releasePictures(this, owner, new Date());
				return null;
			}
		}
	}
});
