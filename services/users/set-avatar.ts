import { ulid } from "ulid";
import type { UsersContext } from "./users.context";

/** A user's picture; `image` is base64 WebP. Ids sort by time. */
export type Avatar = { readonly _id: string; readonly userId: string; readonly image: string };

/** Makes the image the user's picture and returns the picture's id. Of concurrent uploads the newest one wins. */
export async function setAvatar(
	{ avatars, users }: Pick<UsersContext, "avatars" | "users">,
	userId: string,
	image: string
): Promise<string> {
	const { _id } = await avatars.insert({ _id: ulid(), userId, image });
	const isNewer = { $or: [{ avatarId: null }, { avatarId: { $lt: _id } }] };
	await users.change({ ...isNewer, _id: userId }, { $set: { avatarId: _id } });
	const current = (await users.get(userId)).avatarId ?? _id;
	await avatars.remove({ userId, _id: { $lt: current } });
	return current;
}
