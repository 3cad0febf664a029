import { ulid } from "ulid";
import { collection, DuplicateKey, storeMixin } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import { EMBEDDABLE } from "../../schemas/http.contract";
import type { Ctx } from "../../schemas/kit";
import { fact, service } from "../../schemas/registry";
import { users } from "../../schemas/users.contract";
import { settings } from "../../settings";
import { MAX_ADDRESSES, snapshot, views } from "./address.domain";
import * as addresses from "./addresses";
import * as admins from "./admins";
import { setAvatar, type Avatar } from "./avatars";
import { demoUsers } from "./demo.accounts";
import { setRoles, setStatus } from "./access";
import * as domain from "./user.domain";

/** Owns who has an account: profile, addresses, roles, picture. Passwords are judged by `auth`, their hashes kept here. */
export default service(users, {
	mixins: [
		storeMixin({
			users: collection<domain.User>("users", [
				{ keys: { phone: 1 }, unique: true },
				{ keys: { status: 1, _id: -1 } },
				{ keys: { roles: 1, _id: -1 } },
				{ keys: { nickname: 1 } }
			]),
			admins: collection<admins.Admins>("users_admins"),
			avatars: collection<Avatar>("users_avatars", [{ keys: { userId: 1 } }])
		})
	],

	async started() {
		for (const user of demoUsers(ulid, new Date())) {
			const { phone } = user;
			if (settings.demo) await this.users.insertOnce(user, { phone });
			// Data of a trial that went live: passwords that everybody knows open nothing any more.
			if (settings.production)
				await this.users.change(
					{ phone, demo: true, status: "active" },
					{ $set: { status: "disabled" }, $inc: { epoch: 1 } }
				);
		}
		await admins.mend(this);
	},

	actions: {
		create: {
			async handler(ctx) {
				const { phone, passwordHash, nickname } = ctx.params;
				const user = domain.newUser(ulid(), { phone, passwordHash, nickname }, new Date());
				const registered = fact("user.registered", { userId: user._id });
				return domain.account(await unique(this.users.insert(user, registered)));
			}
		},
		standing: {
			async handler(ctx) {
				const user = await this.users.findOne({ _id: ctx.params.id });
				return user && domain.account(user);
			}
		},
		profile: {
			async handler(ctx) {
				return domain.view(await this.users.get(ctx.params.id));
			}
		},
		credentials: {
			async handler(ctx) {
				const user = await this.users.findOne({ phone: ctx.params.phone });
				return user && { ...domain.account(user), passwordHash: user.passwordHash };
			}
		},
		setPassword: {
			async handler(ctx) {
				const { id, passwordHash, epoch } = ctx.params;
				const guard = { status: "active", ...(epoch !== undefined && { epoch }) };
				const change = { $set: { passwordHash }, $inc: { epoch: 1 }, $unset: { demo: "" } };
				return domain.account(await this.users.mustChange(id, guard, change));
			}
		},
		setPhone: {
			async handler(ctx) {
				const { id, phone, epoch } = ctx.params;
				const change = { $set: { phone }, $inc: { epoch: 1 } };
				const moved = this.users.mustChange(id, { status: "active", epoch }, change);
				return domain.account(await unique(moved));
			}
		},

		me: {
			async handler(ctx) {
				return domain.view(await this.users.get(me(ctx)));
			}
		},
		change: {
			async handler(ctx) {
				const changes = domain.changesOf(ctx.params, new Date());
				if (Object.keys(changes).length === 0) return domain.view(await this.users.get(me(ctx)));
				return domain.view(await this.users.mustChange(me(ctx), {}, { $set: changes }));
			}
		},
		setAvatar: {
			async handler(ctx) {
				const avatarId = await setAvatar(this, me(ctx), ctx.params.image);
				return { avatarUrl: domain.avatarUrl(avatarId) };
			}
		},
		avatar: {
			async handler(ctx) {
				const { image } = await this.avatars.get(ctx.params.id);
				// Another picture has another address, so this one is good for ever.
				const cache = "public, max-age=31536000, immutable";
				return {
					status: 200,
					headers: { ...EMBEDDABLE, "Content-Type": "image/webp", "Cache-Control": cache },
					body: image
				};
			}
		},

		address: {
			async handler(ctx) {
				const { userId, addressId } = ctx.params;
				return snapshot(addresses.present(await this.users.get(userId), addressId));
			}
		},
		addresses: {
			async handler(ctx) {
				const { page = 1, pageSize = MAX_ADDRESSES } = ctx.params;
				const all = views(await this.users.get(me(ctx)));
				const items = all.slice((page - 1) * pageSize, page * pageSize);
				return { items, page, pageSize, total: all.length };
			}
		},
		addAddress: {
			async handler(ctx) {
				return addresses.add(this, me(ctx), ctx.params);
			}
		},
		getAddress: {
			async handler(ctx) {
				return addresses.present(await this.users.get(me(ctx)), ctx.params.id);
			}
		},
		changeAddress: {
			async handler(ctx) {
				return addresses.change(this, me(ctx), ctx.params);
			}
		},
		removeAddress: {
			async handler(ctx) {
				await addresses.remove(this, me(ctx), ctx.params.id);
				return null;
			}
		},
		chooseAddress: {
			async handler(ctx) {
				return addresses.choose(this, me(ctx), ctx.params.id);
			}
		},

		list: {
			async handler(ctx) {
				const { q, status, role, ...paging } = ctx.params;
				const where = {
					...domain.search(q),
					...(status && { status }),
					...(role && { roles: role })
				};
				const page = await this.users.page(where, paging);
				return { ...page, items: page.items.map(domain.view) };
			}
		},
		get: {
			async handler(ctx) {
				return domain.view(await this.users.get(ctx.params.id));
			}
		},
		setStatus: {
			async handler(ctx) {
				const { id, status } = ctx.params;
				return domain.view(await setStatus(this, id, status));
			}
		},
		setRoles: {
			async handler(ctx) {
				const { id, roles } = ctx.params;
				return domain.view(await setRoles(this, id, roles));
			}
		}
	}
});

function me({ meta }: Ctx<unknown>): string {
	if (!meta.user) throw new Refusal("UNAUTHORIZED", "Nobody is signed in");
	return meta.user.id;
}

/** One account a phone. */
async function unique(write: Promise<domain.User>): Promise<domain.User> {
	try {
		return await write;
	} catch (err) {
		if (err instanceof DuplicateKey)
			throw new Refusal("DUPLICATE", "The phone has an account", { field: "phone" });
		throw err;
	}
}
