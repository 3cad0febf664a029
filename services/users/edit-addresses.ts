import { ulid } from "ulid";
import type { Store } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import type { ActionsOf, PayloadOf } from "../../schemas/kit/contract";
import type { AddressView, users } from "../../schemas/users.contract";
import { findAddress, MAX_ADDRESSES, newAddress, normalizeFields } from "./address.domain";
import type { User } from "./user.domain";

type Given<K extends "addAddress" | "changeAddress"> = PayloadOf<ActionsOf<typeof users>[`users.${K}`]>;
type Book = { readonly users: Store<User> };

/** Adds an address to its owner's book, which holds so many and no more, however many are added at once. */
export async function addAddress(
	{ users }: Book,
	userId: string,
	{ isDefault, ...given }: Given<"addAddress">
): Promise<AddressView> {
	const address = newAddress(ulid(), given);
	const user = await users.mustChange(
		userId,
		{ [`addresses.${MAX_ADDRESSES - 1}`]: { $exists: false } },
		{ $push: { addresses: address }, ...(isDefault && { $set: { defaultAddressId: address.id } }) }
	);
	return requireAddress(user, address.id);
}

export async function changeAddress(
	{ users }: Book,
	userId: string,
	{ id, isDefault, ...given }: Given<"changeAddress">
): Promise<AddressView> {
	const fields = Object.entries(normalizeFields(given));
	if (!fields.length && !isDefault) return requireAddress(await users.get(userId), id);
	const $set: Record<string, unknown> = isDefault ? { defaultAddressId: id } : {};
	for (const [field, value] of fields) $set[`addresses.$[own].${field}`] = value;
	const options = fields.length ? { arrayFilters: [{ "own.id": id }] } : {};
	return requireAddress(await users.change(ownsAddress(userId, id), { $set }, [], options), id);
}

export async function removeAddress({ users }: Book, userId: string, id: string): Promise<void> {
	if (!(await users.change(ownsAddress(userId, id), { $pull: { addresses: { id } } })))
		throw addressNotFound(id);
}

export async function chooseDefaultAddress(
	{ users }: Book,
	userId: string,
	id: string
): Promise<AddressView> {
	return requireAddress(
		await users.change(ownsAddress(userId, id), { $set: { defaultAddressId: id } }),
		id
	);
}

/** The address as its owner sees it, in the document as it is now. */
export function requireAddress(user: User | null, addressId: string): AddressView {
	const address = user && findAddress(user, addressId);
	if (!address) throw addressNotFound(addressId);
	return address;
}

const ownsAddress = (userId: string, addressId: string) => ({ _id: userId, "addresses.id": addressId });
const addressNotFound = (id: string) => new Refusal("NOT_FOUND", "No such address", { id });
