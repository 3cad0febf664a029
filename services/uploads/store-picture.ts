import { createHash } from "node:crypto";
import { DAY_MS } from "../../schemas/values/durations";
import type { UploadsContext } from "./uploads.context";

const NAME_LENGTH = 40;

/** Stores a picture (base64) and returns its name. The same picture again only gets its day until the sweep anew. */
export async function storePicture(context: UploadsContext, image: string, now: Date): Promise<string> {
	const bytes = Buffer.from(image, "base64");
	const name = createHash("sha256").update(bytes).digest("hex").slice(0, NAME_LENGTH);
	const sweepAt = new Date(now.getTime() + DAY_MS);
	const { pictures } = context;
	// A picture that is being removed is uploaded once it is gone: a moment later.
	await pictures.retryConflicts(name, async () => {
		const known = await pictures.change({ _id: name, removing: false }, { $set: { sweepAt } });
		if (known) return known;
		if (await pictures.findOne({ _id: name }, { fields: ["_id"] })) return null;
		await putBytes(context, name, bytes);
		return pictures.tryInsert({ _id: name, size: bytes.length, sweepAt, removing: false });
	});
	return name;
}

async function putBytes(
	{ bucket, pictureBytes }: UploadsContext,
	name: string,
	bytes: Buffer
): Promise<void> {
	if (bucket) await bucket.put(name, bytes);
	else await pictureBytes.tryInsert({ _id: name, image: bytes.toString("base64") });
}

/** The bytes in base64; null where there are none. A bucket that was set up later does not have the pictures from before. */
export async function readBytes(
	{ bucket, pictureBytes }: UploadsContext,
	name: string
): Promise<string | null> {
	const bytes = await bucket?.get(name);
	if (bytes) return bytes.toString("base64");
	return (await pictureBytes.findOne({ _id: name }))?.image ?? null;
}

export async function removeBytes({ bucket, pictureBytes }: UploadsContext, name: string): Promise<void> {
	await bucket?.remove(name);
	await pictureBytes.remove({ _id: name });
}
