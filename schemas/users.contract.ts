import { rawRequest, rawResponse } from "./http.contract";
import { action, contract, event, ROLES } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { line, phoneNumber } from "./kit/text-rules";

const addressFields = {
	receiver: r.personal(r.str()),
	phone: r.personal(r.str()),
	province: r.str(),
	city: r.str(),
	district: r.str(),
	detail: r.personal(r.str())
};
/** A delivery address as an order keeps it. */
export const addressSnapshot = r.obj("AddressSnapshot", {
	...addressFields,
	postalCode: r.personal(r.opt(r.orNull(r.str()))),
	label: r.opt(r.orNull(r.str()))
});
export type AddressSnapshot = r.TypeOf<typeof addressSnapshot>;

const addressView = r.obj("Address", {
	id: r.id(),
	...addressFields,
	postalCode: r.personal(r.orNull(r.str())),
	label: r.orNull(r.str()),
	isDefault: r.bool()
});
export type AddressView = r.TypeOf<typeof addressView>;

/** An address as its owner types it. Each field is one visible line, since it is printed on the parcel's label. */
const typedAddress = {
	receiver: r.personal(line({ max: 50 })),
	phone: phoneNumber(),
	province: line({ max: 50 }),
	city: line({ max: 50 }),
	district: line({ max: 50 }),
	detail: r.personal(line({ max: 200 }))
};
const optionalAddressFields = {
	postalCode: r.personal(r.opt(r.orNull(line({ max: 10 })))),
	label: r.opt(r.orNull(line({ max: 20 })))
};

const userStatus = r.oneOf("active", "disabled");
export type UserStatus = r.TypeOf<typeof userStatus>;
const gender = r.oneOf("unknown", "male", "female");
export type Gender = r.TypeOf<typeof gender>;
const roles = r.list(r.oneOf(...ROLES), { min: 1, max: ROLES.length, unique: true });

export const nickname = r.personal(line({ max: 30 }));
/** An e-mail address. */
export const email = r.personal(
	r.str({
		max: 254,
		pattern:
			/^[^\s\p{C}\p{Z}\p{DI}@<>"(),:;\\[\]]+@[^\s\p{C}\p{Z}\p{DI}@.]+(\.[^\s\p{C}\p{Z}\p{DI}@.]+)+$/u
	})
);

/** A user's own view of the account. */
export const profile = r.obj("User", {
	id: r.id(),
	/** `138****0000` */
	phone: r.personal(r.str()),
	nickname: r.personal(r.str()),
	email: r.personal(r.orNull(r.str())),
	gender,
	birthday: r.personal(r.orNull(r.str())),
	/** A path at the gateway. */
	avatarUrl: r.orNull(r.str()),
	status: userStatus,
	roles,
	createdAt: r.time()
});
export type Profile = r.TypeOf<typeof profile>;

/**
 * The fields of a user that `auth` decides by. A change that ends the user's sessions raises `epoch` in the same write, and
 * a session is valid only with the user's present epoch. Sessions therefore end at once, even if an event is late.
 */
const accountFields = {
	id: r.id(),
	phone: r.personal(r.str()),
	status: userStatus,
	roles,
	epoch: r.int({ min: 0 })
};
export const account = r.obj(accountFields);
export type Account = r.TypeOf<typeof account>;

const own = { id: r.id() };

export const users = contract("users", {
	...personalDataActions,
	/** By the name of each service that holds personal data: what it holds of the caller. */
	export: action({})
		.returns(r.obj({ exportedAt: r.time(), services: r.record(r.record(r.any())) }))
		.rest("GET /me/export", "user", "Everything that the shop holds of the caller", {
			maxConcurrency: 2,
			audited: true
		}),
	/**
	 * Closes the account for good and erases what is personal in it. Refuses with INVALID_STATE while an order or case is open,
	 * for the last administrator, and if the account has another epoch by now.
	 */
	close: action({ id: r.id(), epoch: r.int() }).returns(r.nothing),

	/** One address of a user, for an order. */
	address: action({ userId: r.id(), addressId: r.id() }, { repeatable: true }).returns(addressSnapshot),

	/** Refuses with DUPLICATE if the phone has an account. */
	create: action({
		phone: r.personal(r.str()),
		passwordHash: r.secret(r.str()),
		nickname: r.personal(r.opt(nickname))
	}).returns(account),
	account: action({ id: r.id() }, { repeatable: true }).returns(r.orNull(account)),
	profile: action({ id: r.id() }, { repeatable: true }).returns(profile),
	/** The account of a phone (11 digits) with its password hash. */
	credentials: action({ phone: r.personal(r.str()) }, { repeatable: true }).returns(
		r.orNull(r.obj({ ...accountFields, passwordHash: r.secret(r.str()) }))
	),
	/** Ends all sessions. With `epoch`, refuses with VERSION_CONFLICT if the account has another one by now. */
	setPassword: action({ id: r.id(), passwordHash: r.secret(r.str()), epoch: r.opt(r.int()) }).returns(
		account
	),
	/** Ends all sessions. Refuses with DUPLICATE if the phone has an account. */
	setPhone: action({ id: r.id(), phone: r.personal(r.str()), epoch: r.int() }).returns(account),

	me: action({}).returns(profile).rest("GET /me", "user", "The signed-in user"),
	change: action({
		nickname: r.personal(r.opt(nickname)),
		email: r.personal(r.opt(r.orNull(email))),
		gender: r.opt(gender),
		birthday: r.personal(r.opt(r.orNull(r.day())))
	})
		.returns(profile)
		.rest("PATCH /me", "user", "Change one's own profile"),
	setAvatar: action({ image: r.str({ max: 1_500_000 }) })
		.returns(r.obj({ avatarUrl: r.str() }))
		.rest("PUT /me/avatar", "user", "Set one's own picture (png, jpeg or webp, at most 2 MiB)", {
			upload: { field: "file", maxBytes: 2 * 1024 * 1024, maxEdge: 512 }
		}),
	avatar: action({ ...rawRequest, id: r.id() })
		.returns(rawResponse)
		.rest("GET /avatars/:id", "public", "A user's picture", { root: true, raw: true }),

	addresses: action({ ...r.paging })
		.returns(r.pageOf(addressView))
		.rest("GET /me/addresses", "user", "One's own addresses, oldest first"),
	addAddress: action({ ...typedAddress, ...optionalAddressFields, isDefault: r.opt(r.bool()) })
		.returns(addressView)
		.rest("POST /me/addresses", "user", "Add an address; at most 20", {
			status: 201,
			errors: ["LIMIT_REACHED"]
		}),
	getAddress: action(own).returns(addressView).rest("GET /me/addresses/:id", "user", "One own address"),
	changeAddress: action({
		...own,
		receiver: r.personal(r.opt(typedAddress.receiver)),
		phone: r.personal(r.opt(typedAddress.phone)),
		province: r.opt(typedAddress.province),
		city: r.opt(typedAddress.city),
		district: r.opt(typedAddress.district),
		detail: r.personal(r.opt(typedAddress.detail)),
		...optionalAddressFields,
		isDefault: r.opt(r.bool())
	})
		.returns(addressView)
		.rest("PATCH /me/addresses/:id", "user", "Change an own address"),
	removeAddress: action(own)
		.returns(r.nothing)
		.rest("DELETE /me/addresses/:id", "user", "Remove an own address; of the rest one is the default"),
	chooseAddress: action(own)
		.returns(addressView)
		.rest("PUT /me/addresses/:id/default", "user", "Make an own address the default"),

	list: action({
		...r.cursorPaging,
		q: r.personal(r.opt(r.str({ max: 50, about: "The beginning of a phone number or of a nickname" }))),
		status: r.opt(userStatus),
		role: r.opt(r.oneOf(...ROLES))
	})
		.returns(r.pageOf(profile))
		.rest("GET /admin/users", ["admin"], "Users, newest first", { audited: true }),
	get: action(own).returns(profile).rest("GET /admin/users/:id", ["admin"], "One user", { audited: true }),
	setStatus: action({ ...own, status: userStatus })
		.returns(profile)
		.rest("PUT /admin/users/:id/status", ["admin"], "Disable or enable a user; ends the sessions", {
			errors: ["NOT_FOUND", "INVALID_STATE", "LAST_ONE"]
		}),
	setRoles: action({ ...own, roles })
		.returns(profile)
		.rest("PUT /admin/users/:id/roles", ["admin"], "Set a user's roles; ends the sessions", {
			stepUp: true,
			errors: ["NOT_FOUND", "INVALID_STATE", "LAST_ONE"]
		})
});

export const userEvents = {
	"user.registered": event({ userId: r.id() }).means("A new account"),
	/** The owner closed the account: every service erases what it holds of the user. */
	"user.closed": event({ userId: r.id() }).means(
		"The owner closed the account: everything personal is erased"
	),
	"user.disabled": event({ userId: r.id(), epoch: r.opt(r.int()) }).means("An account was disabled"),
	"user.roles_changed": event({
		userId: r.id(),
		roles: r.list(r.oneOf(...ROLES)),
		epoch: r.opt(r.int())
	}).means("The roles of an account changed")
};
