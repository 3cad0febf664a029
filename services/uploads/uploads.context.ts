import type { PictureStorage } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import type { Picture, PictureBytes, PictureClaim } from "./picture.domain";

/** Stores that the functions of this service work with. */
export type UploadsContext = {
	readonly pictures: Store<Picture>;
	readonly claims: Store<PictureClaim>;
	readonly pictureBytes: Store<PictureBytes>;
	/** An S3 bucket; null where pictures are kept in the shop's documents. */
	readonly bucket: PictureStorage | null;
};
