import type { Store } from "../../mixins/store.mixin";
import type { Role } from "../../schemas/kit/contract";
import { fact } from "../../schemas/registry";
import type { UserStatus } from "../../schemas/users.contract";
import { removeFromRoster, syncRoster, type AdminRoster } from "./admin-roster";
import { sortRoles, type User } from "./user.domain";

type Staff = { readonly admins: Store<AdminRoster>; readonly users: Store<User> };

/** Lets a user in or shuts them out; ends their sessions in the same write. The last administrator stays. */
export async function setStatus(context: Staff, id: string, status: UserStatus): Promise<User> {
	const { epoch } = await context.users.get(id);
	if (status === "disabled") await removeFromRoster(context, id);
	const told = status === "disabled" ? [fact("user.disabled", { userId: id, epoch: epoch + 1 })] : [];
	const guard = { _id: id, status: { $ne: status } };
	await context.users.change(guard, { $set: { status }, $inc: { epoch: 1 } }, told);
	return syncRoster(context, id);
}

/** Gives a user these roles and no others; ends their sessions in the same write, unless they are the same. */
export async function setRoles(context: Staff, id: string, wanted: readonly Role[]): Promise<User> {
	const roles = sortRoles(wanted);
	const { epoch } = await context.users.get(id);
	if (!roles.includes("admin")) await removeFromRoster(context, id);
	const told = fact("user.roles_changed", { userId: id, roles, epoch: epoch + 1 });
	await context.users.change({ _id: id, roles: { $ne: roles } }, { $set: { roles }, $inc: { epoch: 1 } }, [
		told
	]);
	return syncRoster(context, id);
}
