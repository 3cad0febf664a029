import type { Store } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import type { User } from "./user.domain";

/** Who may administer, in one document: so that "not the last one" is the guard of one write, however many leave at once. */
export type AdminRoster = { readonly _id: "admins"; readonly ids: readonly string[] };
type Stores = { readonly admins: Store<AdminRoster>; readonly users: Store<User> };

const ROSTER = { _id: "admins" } as const;

/** Takes an administrator off the roster, before the user changes; refused for the last one. Anybody else may go. */
export async function removeFromRoster({ admins }: Stores, userId: string): Promise<void> {
	const left = await admins.change(
		{ ...ROSTER, ids: userId, "ids.1": { $exists: true } },
		{ $pull: { ids: userId } }
	);
	if (!left && (await admins.findOne({ ...ROSTER, ids: userId })))
		throw new Refusal("INVALID_STATE", "The last administrator stays one", { id: userId });
}

/**
 * Brings the roster in line with the user, after the user changed; answers the user. Repeats when the user changed again
 * meanwhile: the later roster entry of a concurrent change may have been overwritten.
 */
export function syncRoster({ admins, users }: Stores, userId: string): Promise<User> {
	return admins.retryConflicts(userId, async () => {
		const admin = isAdmin(await users.get(userId));
		await admins.change(ROSTER, admin ? { $addToSet: { ids: userId } } : { $pull: { ids: userId } });
		const user = await users.get(userId);
		return isAdmin(user) === admin ? user : null;
	});
}
const isAdmin = ({ status, roles }: User) => status === "active" && roles.includes("admin");

/** Makes the roster at the first start, and mends at any other what a crash between two writes left. */
export async function repairRoster(stores: Stores): Promise<void> {
	const roster = await stores.admins.insertOnce({ ...ROSTER, ids: [] }, ROSTER);
	const holders = await stores.users.find({ roles: "admin" });
	for (const id of new Set([...roster.ids, ...holders.map(({ _id }) => _id)])) await syncRoster(stores, id);
}
