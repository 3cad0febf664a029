import { invalid } from "../../schemas/errors";
import { reachableOf } from "../../schemas/phone";
import type { AddressSnapshot, AddressView } from "../../schemas/users.contract";

export const MAX_ADDRESSES = 20;

export type Address = Omit<AddressView, "isDefault">;
type Given = { readonly [K in keyof AddressSnapshot]?: AddressSnapshot[K] | undefined };
type Book = { readonly addresses: readonly Address[]; readonly defaultAddressId: string | null };

/** Fields as they are stored: trimmed, none of them blank, a phone that can be rung. */
export function tidy(given: Given): Partial<Address> {
	const fields = Object.entries(given).filter(([, value]) => value !== undefined);
	return Object.fromEntries(fields.map(([field, value]) => [field, value && fit(field, value)]));
}

function fit(field: string, value: string): string {
	const text = field === "phone" ? reachableOf(value) : value.trim();
	if (!text) throw invalid(field, "deliverable");
	return text;
}

export const newAddress = (id: string, given: AddressSnapshot): Address => {
	const { postalCode = null, label = null } = given;
	return { ...given, postalCode, label, ...tidy(given), id };
};

/** The chosen one, or else the oldest: whatever comes and goes at once, a book with addresses has exactly one default. */
const defaultOf = ({ addresses, defaultAddressId }: Book): string | undefined =>
	(addresses.find(({ id }) => id === defaultAddressId) ?? addresses[0])?.id;

export function views(book: Book): AddressView[] {
	const first = defaultOf(book);
	return book.addresses.map(address => ({ ...address, isDefault: address.id === first }));
}

export const find = (book: Book, addressId: string): AddressView | undefined =>
	views(book).find(({ id }) => id === addressId);

/** Without what only the owner's list says. */
export const snapshot = ({ id: _id, isDefault: _isDefault, ...rest }: AddressView): AddressSnapshot => rest;
