import { parseUploadUrl, selectUploads } from "../../schemas/values/uploads";

/** An uploaded picture. Its bytes are in the storage under the same name. */
export type Picture = {
	/** The name: the first 40 hex digits of the SHA-256 of the bytes, so equal pictures are stored once. */
	readonly _id: string;
	readonly size: number;
	/** When the sweep looks whether somebody has claimed the picture; null once it found a claim. */
	readonly sweepAt: Date | null;
	/** The sweep has found the picture unclaimed and is removing it: it can be neither claimed nor uploaded meanwhile. */
	readonly removing: boolean;
};

/** The pictures that one owner has claimed. */
export type PictureClaim = {
	/** The owner, such as `review:01J…`. */
	readonly _id: string;
	readonly names: readonly string[];
};

/** The bytes of a picture that are kept in the shop's documents, in base64. */
export type PictureBytes = { readonly _id: string; readonly image: string };

/** The names of the uploaded pictures among these addresses, and whether one of them can't be a picture's. */
export function listUploads(urls: readonly string[]): { names: string[]; hasMisspelt: boolean } {
	const uploads = selectUploads(urls);
	const names = uploads.map(parseUploadUrl).filter(name => name !== null);
	return { names: [...new Set(names)], hasMisspelt: names.length < uploads.length };
}
