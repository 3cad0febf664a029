import type { Store } from "../../mixins/store.mixin";
import type { Role } from "../../schemas/kit";
import { fact } from "../../schemas/registry";
import type { UserStatus } from "../../schemas/users.contract";
import { leave, note, type Admins } from "./admins";
import { inOrder, type User } from "./user.domain";

type Staff = { readonly admins: Store<Admins>; readonly users: Store<User> };

/** Lets a user in or shuts them out; ends their sessions in the same write. The last administrator stays. */
export async function setStatus(staff: Staff, id: string, status: UserStatus): Promise<User> {
	const { epoch } = await staff.users.get(id);
	if (status === "disabled") await leave(staff, id);
	const told = status === "disabled" ? [fact("user.disabled", { userId: id, epoch: epoch + 1 })] : [];
	const guard = { _id: id, status: { $ne: status } };
	await staff.users.change(guard, { $set: { status }, $inc: { epoch: 1 } }, told);
	return note(staff, id);
}

/** Gives a user these roles and no others; ends their sessions in the same write, unless they are the same. */
export async function setRoles(staff: Staff, id: string, wanted: readonly Role[]): Promise<User> {
	const roles = inOrder(wanted);
	const { epoch } = await staff.users.get(id);
	if (!roles.includes("admin")) await leave(staff, id);
	const told = fact("user.roles_changed", { userId: id, roles, epoch: epoch + 1 });
	await staff.users.change({ _id: id, roles: { $ne: roles } }, { $set: { roles }, $inc: { epoch: 1 } }, [
		told
	]);
	return note(staff, id);
}
