import { action, contract, event, id, list, obj, oneOf, opt, orNull, ROLES, str, type TypeOf } from "./kit";

/** A delivery address as it is copied into an order. */
export const addressSnapshot = obj({
	receiver: str({ max: 50 }),
	phone: str({ max: 20 }),
	province: str({ max: 50 }),
	city: str({ max: 50 }),
	district: str({ max: 50 }),
	detail: str({ max: 200 }),
	postalCode: opt(orNull(str({ max: 10 }))),
	label: opt(orNull(str({ max: 20 })))
});
export type AddressSnapshot = TypeOf<typeof addressSnapshot>;

export const users = contract("users", {
	/** One address of one user, for an order. */
	address: action({ userId: id(), addressId: id() }, { repeatable: true }).returns(addressSnapshot)
});

export const userEvents = {
	"user.registered": event({ userId: id() }),
	"user.disabled": event({ userId: id() }),
	"user.roles_changed": event({ userId: id(), roles: list(oneOf(...ROLES)) })
};
