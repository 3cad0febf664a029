import { invalidState, Refusal } from "../../schemas/errors/errors";
import type { Role } from "../../schemas/kit/contract";
import { fact } from "../../schemas/registry";
import type { UserStatus } from "../../schemas/users.contract";
import { removeFromRoster, syncRoster } from "./admin-roster";
import { sortRoles, type User } from "./user.domain";
import type { UsersContext } from "./users.context";

type Access = Pick<UsersContext, "users" | "admins">;

/** Enables or disables a user and ends the user's sessions in the same write. The last administrator can't be disabled. */
export async function setStatus(context: Access, id: string, status: UserStatus): Promise<User> {
	const { epoch } = await getOpenAccount(context, id);
	if (status === "disabled") await removeFromRoster(context, id);
	const facts = status === "disabled" ? [fact("user.disabled", { userId: id, epoch: epoch + 1 })] : [];
	const guard = { _id: id, status: { $ne: status }, closedAt: null };
	await context.users.change(guard, { $set: { status }, $inc: { epoch: 1 } }, facts);
	return syncRoster(context, id);
}

/** Replaces a user's roles and ends the user's sessions in the same write. Equal roles change nothing. */
export async function setRoles(context: Access, id: string, newRoles: readonly Role[]): Promise<User> {
	const roles = sortRoles(newRoles);
	const { epoch } = await getOpenAccount(context, id);
	if (!roles.includes("admin")) await removeFromRoster(context, id);
	const changed = fact("user.roles_changed", { userId: id, roles, epoch: epoch + 1 });
	const guard = { _id: id, roles: { $ne: roles }, closedAt: null };
	await context.users.change(guard, { $set: { roles }, $inc: { epoch: 1 } }, [changed]);
	return syncRoster(context, id);
}

/** The refusal of a change to an account that another request has changed since it was read. */
export const changedMeanwhile = ({ _id: id, status, closedAt }: User): Refusal =>
	status === "active"
		? new Refusal("VERSION_CONFLICT", "The account was changed meanwhile", { id })
		: invalidState("The account is not active", {
				id,
				state: closedAt ? "closed" : status,
				allowed: closedAt ? [] : ["active"]
			});

/** Refuses with INVALID_STATE for an account that its owner has closed: nobody can open it again. */
async function getOpenAccount({ users }: Access, id: string): Promise<User> {
	const user = await users.get(id);
	if (user.closedAt) throw invalidState("The account was closed", { id, state: "closed", allowed: [] });
	return user;
}
