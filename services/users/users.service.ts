import { ulid } from "ulid";
import { collection, DuplicateKey, storeMixin } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors/errors";
import { EMBEDDABLE } from "../../schemas/http.contract";
import { requireUserId } from "../../schemas/kit/caller";
import { fact, service } from "../../schemas/registry";
import { users } from "../../schemas/users.contract";
import { settings } from "../../settings";
import { MAX_ADDRESSES, toSnapshot, listAddresses } from "./address.domain";
import { repairRoster, type AdminRoster } from "./admin-roster";
import { closeAccount } from "./close-account";
import { createDemoUsers } from "./demo-accounts";
import * as addresses from "./edit-addresses";
import { collectPersonalData } from "./collect-personal-data";
import { changedMeanwhile, setRoles, setStatus } from "./set-access";
import { setAvatar, type Avatar } from "./set-avatar";
import * as domain from "./user.domain";

/** Owns accounts: profile, addresses, roles, picture, and the hashes of passwords, which `auth` checks. */
export default service(users, {
	mixins: [
		storeMixin({
			users: collection<domain.User>("users", [
				{ keys: { phone: 1 }, unique: true },
				{ keys: { status: 1, _id: -1 } },
				{ keys: { roles: 1, _id: -1 } },
				{ keys: { nicknameKey: 1 } }
			]),
			admins: collection<AdminRoster>("users_admins"),
			avatars: collection<Avatar>("users_avatars", [{ keys: { userId: 1 } }])
		})
	],

	async started() {
		for (const user of createDemoUsers(ulid, new Date())) {
			const { phone } = user;
			if (settings.demo) await this.users.insertOnce(user, { phone });
			// The data of a trial run may go live: demo accounts, whose passwords are public, must not.
			if (settings.production)
				await this.users.change(
					{ phone, demo: true, status: "active" },
					{ $set: { status: "disabled" }, $inc: { epoch: 1 } }
				);
		}
		await repairRoster(this);
	},

	actions: {
		create: {
			async handler(ctx) {
				const { phone, passwordHash, nickname } = ctx.params;
				const user = domain.newUser(ulid(), { phone, passwordHash, nickname }, new Date());
				const registered = fact("user.registered", { userId: user._id });
				return domain.toAccount(await refuseTakenPhone(this.users.insert(user, registered)));
			}
		},
		account: {
			async handler(ctx) {
				const user = await this.users.findOne({ _id: ctx.params.id });
				return user && !user.closedAt ? domain.toAccount(user) : null;
			}
		},
		profile: {
			async handler(ctx) {
				return domain.toProfile(await this.users.get(ctx.params.id));
			}
		},
		credentials: {
			async handler(ctx) {
				const user = await this.users.findOne({ phone: ctx.params.phone });
				return user && { ...domain.toAccount(user), passwordHash: user.passwordHash };
			}
		},
		setPassword: {
			async handler(ctx) {
				const { id, passwordHash, epoch } = ctx.params;
				const guard = { status: "active" as const, ...(epoch !== undefined && { epoch }) };
				const change = { $set: { passwordHash }, $inc: { epoch: 1 }, $unset: { demo: "" } };
				return domain.toAccount(await this.users.mustChange(id, guard, change, [], changedMeanwhile));
			}
		},
		setPhone: {
			async handler(ctx) {
				const { id, phone, epoch } = ctx.params;
				const change = { $set: { phone }, $inc: { epoch: 1 } };
				const changed = this.users.mustChange(
					id,
					{ status: "active", epoch },
					change,
					[],
					changedMeanwhile
				);
				return domain.toAccount(await refuseTakenPhone(changed));
			}
		},

		close: {
			async handler(ctx) {
				await closeAccount(this, ctx, ctx.params);
				return null;
			}
		},
		export: {
			async handler(ctx) {
				const services = await collectPersonalData(ctx, requireUserId(ctx));
				return { exportedAt: new Date().toISOString(), services };
			}
		},
		exportPersonalData: {
			async handler(ctx) {
				const user = await this.users.get(ctx.params.userId);
				return {
					profile: { ...domain.toProfile(user), phone: user.phone },
					addresses: listAddresses(user)
				};
			}
		},

		me: {
			async handler(ctx) {
				return domain.toProfile(await this.users.get(requireUserId(ctx)));
			}
		},
		change: {
			async handler(ctx) {
				const changes = domain.profileChanges(ctx.params, new Date());
				if (Object.keys(changes).length === 0)
					return domain.toProfile(await this.users.get(requireUserId(ctx)));
				return domain.toProfile(
					await this.users.mustChange(
						requireUserId(ctx),
						{},
						{
							$set: domain.withNicknameKey(changes)
						}
					)
				);
			}
		},
		setAvatar: {
			async handler(ctx) {
				const avatarId = await setAvatar(this, requireUserId(ctx), ctx.params.image);
				return { avatarUrl: domain.avatarUrl(avatarId) };
			}
		},
		avatar: {
			async handler(ctx) {
				const { image } = await this.avatars.get(ctx.params.id);
				// A new picture has a new address, so this one never changes.
				const cacheControl = "public, max-age=31536000, immutable";
				return {
					status: 200,
					headers: { ...EMBEDDABLE, "Content-Type": "image/webp", "Cache-Control": cacheControl },
					body: image
				};
			}
		},

		address: {
			async handler(ctx) {
				const { userId, addressId } = ctx.params;
				return toSnapshot(addresses.requireAddress(await this.users.get(userId), addressId));
			}
		},
		addresses: {
			async handler(ctx) {
				const { page = 1, pageSize = MAX_ADDRESSES } = ctx.params;
				const all = listAddresses(await this.users.get(requireUserId(ctx)));
				const items = all.slice((page - 1) * pageSize, page * pageSize);
				return { items, page, pageSize, total: all.length };
			}
		},
		addAddress: {
			async handler(ctx) {
				return addresses.addAddress(this, requireUserId(ctx), ctx.params);
			}
		},
		getAddress: {
			async handler(ctx) {
				return addresses.requireAddress(await this.users.get(requireUserId(ctx)), ctx.params.id);
			}
		},
		changeAddress: {
			async handler(ctx) {
				return addresses.changeAddress(this, requireUserId(ctx), ctx.params);
			}
		},
		removeAddress: {
			async handler(ctx) {
				await addresses.removeAddress(this, requireUserId(ctx), ctx.params.id);
				return null;
			}
		},
		chooseAddress: {
			async handler(ctx) {
				return addresses.chooseDefaultAddress(this, requireUserId(ctx), ctx.params.id);
			}
		},

		list: {
			async handler(ctx) {
				const { q, status, role, ...paging } = ctx.params;
				const where = {
					...domain.searchFilter(q),
					...(status && { status }),
					...(role && { roles: role })
				};
				const page = await this.users.page(where, paging);
				return { ...page, items: page.items.map(domain.toProfile) };
			}
		},
		get: {
			async handler(ctx) {
				return domain.toProfile(await this.users.get(ctx.params.id));
			}
		},
		setStatus: {
			async handler(ctx) {
				const { id, status } = ctx.params;
				return domain.toProfile(await setStatus(this, id, status));
			}
		},
		setRoles: {
			async handler(ctx) {
				const { id, roles } = ctx.params;
				return domain.toProfile(await setRoles(this, id, roles));
			}
		}
	},

	events: {
		// The account itself was erased in the write that says so.
		async "user.closed"(ctx) {
			await this.avatars.remove({ userId: ctx.params.userId });
		}
	}
});

/** Turns the violation of the unique index on phones into DUPLICATE. */
async function refuseTakenPhone(write: Promise<domain.User>): Promise<domain.User> {
	try {
		return await write;
	} catch (err) {
		if (err instanceof DuplicateKey)
			throw new Refusal("DUPLICATE", "The phone has an account", { field: "phone" });
		throw err;
	}
}
