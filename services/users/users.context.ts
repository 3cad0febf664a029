import type { Store } from "../../mixins/store.mixin";
import type { AdminRoster } from "./admin-roster";
import type { Avatar } from "./set-avatar";
import type { User } from "./user.domain";

/** Stores and clients that the functions of this service work with. */
export type UsersContext = {
	readonly users: Store<User>;
	readonly admins: Store<AdminRoster>;
	readonly avatars: Store<Avatar>;
};
