/** Beginning of the addresses of uploaded pictures. */
export const UPLOADS_PATH = "/uploads/";

const ADDRESS = /^\/uploads\/([0-9a-f]{40})\.webp$/;

/** The address of an uploaded picture, a path of the shop, which never changes. */
export const toUploadUrl = (name: string): string => `${UPLOADS_PATH}${name}.webp`;

/** The name of the uploaded picture at this address; null for any other address. */
export const parseUploadUrl = (url: string): string | null => ADDRESS.exec(url)?.[1] ?? null;

/** The addresses among these that are under that of uploaded pictures, so that a service must claim them (`uploads.claim`). */
export const selectUploads = (urls: readonly (string | null | undefined)[]): string[] =>
	urls.filter(url => typeof url === "string").filter(url => url.startsWith(UPLOADS_PATH));
