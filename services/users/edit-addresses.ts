import { ulid } from "ulid";
import { notFound, Refusal } from "../../schemas/errors/errors";
import type { ActionsOf, PayloadOf } from "../../schemas/kit/contract";
import type { AddressView, users } from "../../schemas/users.contract";
import {
	assertRegion,
	changesRegion,
	findAddress,
	isSamePlace,
	MAX_ADDRESSES,
	newAddress,
	normalizeFields
} from "./address.domain";
import type { User } from "./user.domain";
import type { UsersContext } from "./users.context";

type Params<K extends "addAddress" | "changeAddress"> = PayloadOf<ActionsOf<typeof users>[`users.${K}`]>;
type Users = Pick<UsersContext, "users">;

/** Adds an address. The write is guarded, so that concurrent additions can't exceed MAX_ADDRESSES. */
export async function addAddress(
	{ users }: Users,
	userId: string,
	{ isDefault, ...fields }: Params<"addAddress">
): Promise<AddressView> {
	const address = newAddress(ulid(), fields);
	const user = await users.mustChange(
		userId,
		{ [`addresses.${MAX_ADDRESSES - 1}`]: { $exists: false } },
		{ $push: { addresses: address }, ...(isDefault && { $set: { defaultAddressId: address.id } }) },
		[],
		tooManyAddresses
	);
	return requireAddress(user, address.id);
}

export async function changeAddress(
	{ users }: Users,
	userId: string,
	{ id, isDefault, ...fields }: Params<"changeAddress">
): Promise<AddressView> {
	const given = normalizeFields(fields);
	const changes = Object.entries(given);
	if (!changes.length && !isDefault) return requireAddress(await users.get(userId), id);
	const $set: Record<string, unknown> = isDefault ? { defaultAddressId: id } : {};
	for (const [field, value] of changes) $set[`addresses.$[own].${field}`] = value;
	const change = async (own: Record<string, unknown>) => {
		const options = changes.length ? { arrayFilters: [own] } : {};
		return requireAddress(await users.change(whereOwned(userId, id), { $set }, [], options), id);
	};
	if (!changesRegion(given)) return change({ "own.id": id });
	// The new place is made of old and new fields, so it is stored only where the old ones are still those that were read.
	return users.retryConflicts(id, async () => {
		const before = requireAddress(await users.get(userId), id);
		const after = { ...before, ...given };
		assertRegion(after);
		const { province, city, district } = before;
		const read = { "own.province": province, "own.city": city, "own.district": district };
		const stored = await change({ "own.id": id, ...read });
		return isSamePlace(stored, after) ? stored : null;
	});
}

export async function removeAddress({ users }: Users, userId: string, id: string): Promise<void> {
	if (!(await users.change(whereOwned(userId, id), { $pull: { addresses: { id } } })))
		throw addressNotFound(id);
}

export async function chooseDefaultAddress(
	{ users }: Users,
	userId: string,
	id: string
): Promise<AddressView> {
	return requireAddress(await users.change(whereOwned(userId, id), { $set: { defaultAddressId: id } }), id);
}

/** One address of the user as its owner sees it. Refuses with NOT_FOUND; `user` is null if the guarded write found no such address. */
export function requireAddress(user: User | null, addressId: string): AddressView {
	const address = user && findAddress(user, addressId);
	if (!address) throw addressNotFound(addressId);
	return address;
}

const whereOwned = (userId: string, addressId: string) => ({ _id: userId, "addresses.id": addressId });
const addressNotFound = (id: string) => notFound("address", id);
const tooManyAddresses = () =>
	new Refusal("LIMIT_REACHED", "The user has as many addresses as one may have", {
		what: "address",
		limit: MAX_ADDRESSES
	});
