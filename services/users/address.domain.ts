import { invalid } from "../../schemas/errors";
import { parseReachablePhone } from "../../schemas/phone";
import type { AddressSnapshot, AddressView } from "../../schemas/users.contract";

export const MAX_ADDRESSES = 20;

export type Address = Omit<AddressView, "isDefault">;
type AddressInput = { readonly [K in keyof AddressSnapshot]?: AddressSnapshot[K] | undefined };
type AddressBook = { readonly addresses: readonly Address[]; readonly defaultAddressId: string | null };

/** Fields as they are stored: trimmed, none of them blank, a phone that can be rung. */
export function normalizeFields(given: AddressInput): Partial<Address> {
	const fields = Object.entries(given).filter(([, value]) => value !== undefined);
	return Object.fromEntries(fields.map(([field, value]) => [field, value && normalizeField(field, value)]));
}

function normalizeField(field: string, value: string): string {
	const text = field === "phone" ? parseReachablePhone(value) : value.trim();
	if (!text) throw invalid(field, "deliverable");
	return text;
}

export const newAddress = (id: string, given: AddressSnapshot): Address => {
	const { postalCode = null, label = null } = given;
	return { ...given, postalCode, label, ...normalizeFields(given), id };
};

/** The chosen one, or else the oldest: whatever comes and goes at once, a book with addresses has exactly one default. */
const effectiveDefault = ({ addresses, defaultAddressId }: AddressBook): string | undefined =>
	(addresses.find(({ id }) => id === defaultAddressId) ?? addresses[0])?.id;

export function listAddresses(book: AddressBook): AddressView[] {
	const first = effectiveDefault(book);
	return book.addresses.map(address => ({ ...address, isDefault: address.id === first }));
}

export const findAddress = (book: AddressBook, addressId: string): AddressView | undefined =>
	listAddresses(book).find(({ id }) => id === addressId);

/** Without what only the owner's list says. */
export const toSnapshot = ({ id: _id, isDefault: _isDefault, ...rest }: AddressView): AddressSnapshot => rest;
