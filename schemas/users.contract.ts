import { rawRequest, rawResponse } from "./http.contract";
import {
	action,
	bool,
	contract,
	cursorPaging,
	day,
	event,
	id,
	int,
	list,
	nothing,
	obj,
	oneOf,
	opt,
	orNull,
	pageOf,
	paging,
	ROLES,
	str,
	time,
	type TypeOf
} from "./kit";
import { line, phoneNumber } from "./text-rules";

const addressFields = {
	receiver: str(),
	phone: str(),
	province: str(),
	city: str(),
	district: str(),
	detail: str()
};
/** A delivery address as it is copied into an order. */
export const addressSnapshot = obj({
	...addressFields,
	postalCode: opt(orNull(str())),
	label: opt(orNull(str()))
});
export type AddressSnapshot = TypeOf<typeof addressSnapshot>;

const addressView = obj({
	id: id(),
	...addressFields,
	postalCode: orNull(str()),
	label: orNull(str()),
	isDefault: bool()
});
export type AddressView = TypeOf<typeof addressView>;

/** An address as its owner types it: everything that a parcel's label shows is one visible line. */
const typedAddress = {
	receiver: line({ max: 50 }),
	phone: phoneNumber(),
	province: line({ max: 50 }),
	city: line({ max: 50 }),
	district: line({ max: 50 }),
	detail: line({ max: 200 })
};
const optionalAddressFields = {
	postalCode: opt(orNull(line({ max: 10 }))),
	label: opt(orNull(line({ max: 20 })))
};

const userStatus = oneOf("active", "disabled");
export type UserStatus = TypeOf<typeof userStatus>;
const gender = oneOf("unknown", "male", "female");
export type Gender = TypeOf<typeof gender>;
const roles = list(oneOf(...ROLES), { min: 1, max: ROLES.length, unique: true });

export const nickname = line({ max: 30 });
const email = str({
	max: 254,
	pattern: /^[^\s\p{C}\p{Z}\p{DI}@<>"(),:;\\[\]]+@[^\s\p{C}\p{Z}\p{DI}@.]+(\.[^\s\p{C}\p{Z}\p{DI}@.]+)+$/u
});

/** A user as the user sees it. */
export const profile = obj({
	id: id(),
	/** `138****0000` */
	phone: str(),
	nickname: str(),
	email: orNull(str()),
	gender,
	birthday: orNull(str()),
	/** Relative to the gateway. */
	avatarUrl: orNull(str()),
	status: userStatus,
	roles,
	createdAt: time()
});
export type Profile = TypeOf<typeof profile>;

/**
 * What `auth` decides by. Whatever ends a user's sessions raises `epoch` in the same write, and a session counts only while
 * it has the user's present epoch: so an end is immediate, whatever event is late.
 */
const accountFields = { id: id(), phone: str(), status: userStatus, roles, epoch: int({ min: 0 }) };
const account = obj(accountFields);
export type Account = TypeOf<typeof account>;

const own = { id: id() };

export const users = contract("users", {
	/** One address of one user, for an order. */
	address: action({ userId: id(), addressId: id() }, { repeatable: true }).returns(addressSnapshot),

	/** Refuses with DUPLICATE when the phone has an account. */
	create: action({ phone: str(), passwordHash: str(), nickname: opt(nickname) }).returns(account),
	standing: action({ id: id() }, { repeatable: true }).returns(orNull(account)),
	profile: action({ id: id() }, { repeatable: true }).returns(profile),
	/** The account of a phone (11 digits) and what its password is verified against. */
	credentials: action({ phone: str() }, { repeatable: true }).returns(
		orNull(obj({ ...accountFields, passwordHash: str() }))
	),
	/** Ends all sessions; with `epoch` only if nothing else did since, else INVALID_STATE. */
	setPassword: action({ id: id(), passwordHash: str(), epoch: opt(int()) }).returns(account),
	/** Ends all sessions; refuses with DUPLICATE when the phone has an account. */
	setPhone: action({ id: id(), phone: str(), epoch: int() }).returns(account),

	me: action({}).returns(profile).rest("GET /me", "user", "The signed-in user"),
	change: action({
		nickname: opt(nickname),
		email: opt(orNull(email)),
		gender: opt(gender),
		birthday: opt(orNull(day()))
	})
		.returns(profile)
		.rest("PATCH /me", "user", "Change one's own profile"),
	setAvatar: action({ image: str({ max: 1_500_000 }) })
		.returns(obj({ avatarUrl: str() }))
		.rest("PUT /me/avatar", "user", "Set one's own picture (png, jpeg or webp, at most 2 MiB)", {
			upload: "file"
		}),
	avatar: action({ ...rawRequest, id: id() })
		.returns(rawResponse)
		.rest("GET /avatars/:id", "public", "A user's picture", { root: true, raw: true }),

	addresses: action({ ...paging })
		.returns(pageOf(addressView))
		.rest("GET /me/addresses", "user", "One's own addresses, oldest first"),
	addAddress: action({ ...typedAddress, ...optionalAddressFields, isDefault: opt(bool()) })
		.returns(addressView)
		.rest("POST /me/addresses", "user", "Add an address; at most 20", {
			status: 201,
			errors: ["INVALID_STATE"]
		}),
	getAddress: action(own).returns(addressView).rest("GET /me/addresses/:id", "user", "One own address"),
	changeAddress: action({
		...own,
		receiver: opt(typedAddress.receiver),
		phone: opt(typedAddress.phone),
		province: opt(typedAddress.province),
		city: opt(typedAddress.city),
		district: opt(typedAddress.district),
		detail: opt(typedAddress.detail),
		...optionalAddressFields,
		isDefault: opt(bool())
	})
		.returns(addressView)
		.rest("PATCH /me/addresses/:id", "user", "Change an own address"),
	removeAddress: action(own)
		.returns(nothing)
		.rest("DELETE /me/addresses/:id", "user", "Remove an own address; of the rest one is the default"),
	chooseAddress: action(own)
		.returns(addressView)
		.rest("PUT /me/addresses/:id/default", "user", "Make an own address the default"),

	list: action({
		...cursorPaging,
		/** The beginning of a phone number or of a nickname. */
		q: opt(str({ max: 50 })),
		status: opt(userStatus),
		role: opt(oneOf(...ROLES))
	})
		.returns(pageOf(profile))
		.rest("GET /admin/users", ["admin"], "Users, newest first"),
	get: action(own).returns(profile).rest("GET /admin/users/:id", ["admin"], "One user"),
	setStatus: action({ ...own, status: userStatus })
		.returns(profile)
		.rest("PUT /admin/users/:id/status", ["admin"], "Disable or enable a user; ends the sessions", {
			errors: ["INVALID_STATE"]
		}),
	setRoles: action({ ...own, roles })
		.returns(profile)
		.rest("PUT /admin/users/:id/roles", ["admin"], "Set a user's roles; ends the sessions", {
			errors: ["INVALID_STATE"]
		})
});

export const userEvents = {
	"user.registered": event({ userId: id() }),
	"user.disabled": event({ userId: id(), epoch: opt(int()) }),
	"user.roles_changed": event({ userId: id(), roles: list(oneOf(...ROLES)), epoch: opt(int()) })
};
