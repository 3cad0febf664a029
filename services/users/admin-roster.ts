import { Refusal } from "../../schemas/errors/errors";
import type { User } from "./user.domain";
import type { UsersContext } from "./users.context";

/**
 * The ids of all active administrators in one document, so that one guarded write can refuse to remove the last one, also
 * when several are removed concurrently.
 */
export type AdminRoster = { readonly _id: "admins"; readonly ids: readonly string[] };
type Rosters = Pick<UsersContext, "users" | "admins">;

const ROSTER = { _id: "admins" } as const;

/** Removes an administrator from the roster, before the user changes. Refuses to remove the last one; ignores other users. */
export async function removeFromRoster({ admins }: Rosters, userId: string): Promise<void> {
	const removed = await admins.change(
		{ ...ROSTER, ids: userId, "ids.1": { $exists: true } },
		{ $pull: { ids: userId } }
	);
	if (!removed && (await admins.findOne({ ...ROSTER, ids: userId })))
		throw new Refusal("LAST_ONE", "The last administrator stays one", { what: "admin", id: userId });
}

/**
 * Brings the roster in line with the user after a change, and returns the user. Repeats if the user changed again meanwhile:
 * the roster entry of that concurrent change may have been overwritten.
 */
export function syncRoster({ admins, users }: Rosters, userId: string): Promise<User> {
	return admins.retryConflicts(userId, async () => {
		const admin = isAdmin(await users.get(userId));
		await admins.change(ROSTER, admin ? { $addToSet: { ids: userId } } : { $pull: { ids: userId } });
		const user = await users.get(userId);
		return isAdmin(user) === admin ? user : null;
	});
}
const isAdmin = ({ status, roles }: User) => status === "active" && roles.includes("admin");

/** Creates the roster at the first start. At later starts repairs it after a crash between the roster's and the user's write. */
export async function repairRoster(context: Rosters): Promise<void> {
	const roster = await context.admins.insertOnce({ ...ROSTER, ids: [] }, ROSTER);
	const admins = await context.users.find({ roles: "admin" });
	for (const id of new Set([...roster.ids, ...admins.map(({ _id }) => _id)])) await syncRoster(context, id);
}
