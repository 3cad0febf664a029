import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { selectUploads } from "../../schemas/values/uploads";

/** Keeps the uploaded picture of a banner, before the banner is written; refuses one that does not exist. */
export async function claimPicture(ctx: Ctx<unknown>, id: string, image: string | undefined): Promise<void> {
	const urls = selectUploads([image]);
	if (urls.length) await call(ctx, "uploads.claim", { owner: `banner:${id}`, urls, field: "image" });
}
