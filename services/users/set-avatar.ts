import { ulid } from "ulid";
import type { Store } from "../../mixins/store.mixin";
import type { User } from "./user.domain";

export type Avatar = { readonly _id: string; readonly userId: string; readonly image: string };
type Pictures = { readonly avatars: Store<Avatar>; readonly users: Store<User> };

/** Makes the image the user's picture; answers its id. Of several at once the youngest stays, in whatever order they come. */
export async function setAvatar(
	{ avatars, users }: Pictures,
	userId: string,
	image: string
): Promise<string> {
	const { _id } = await avatars.insert({ _id: ulid(), userId, image });
	const isYounger = { $or: [{ avatarId: null }, { avatarId: { $lt: _id } }] };
	await users.change({ ...isYounger, _id: userId }, { $set: { avatarId: _id } });
	const present = (await users.get(userId)).avatarId ?? _id;
	await avatars.remove({ userId, _id: { $lt: present } });
	return present;
}
