import { invalid } from "../../schemas/errors/errors";
import { parseReachablePhone } from "../../schemas/values/phone";
import { findWrongRegion } from "../../schemas/values/regions";
import type { AddressSnapshot, AddressView } from "../../schemas/users.contract";

export const MAX_ADDRESSES = 20;

export type Address = Omit<AddressView, "isDefault">;
type AddressInput = { readonly [K in keyof AddressSnapshot]?: AddressSnapshot[K] | undefined };
type AddressBook = { readonly addresses: readonly Address[]; readonly defaultAddressId: string | null };

/** Address fields in their stored form: trimmed, the phone normalised. Refuses blank fields and a phone that no courier can call. */
export function normalizeFields(input: AddressInput): Partial<Address> {
	const fields = Object.entries(input).filter(([, value]) => value !== undefined);
	return Object.fromEntries(fields.map(([field, value]) => [field, value && normalizeField(field, value)]));
}

function normalizeField(field: string, value: string): string {
	const text = field === "phone" ? parseReachablePhone(value) : value.trim();
	if (!text) throw invalid(field, "deliverable");
	return text;
}

const REGION_FIELDS = ["province", "city", "district"] as const;
type Place = Pick<AddressSnapshot, (typeof REGION_FIELDS)[number]>;

export const changesRegion = (fields: Partial<Address>): boolean =>
	REGION_FIELDS.some(field => fields[field] !== undefined);
export const isSamePlace = (a: Place, b: Place): boolean =>
	REGION_FIELDS.every(field => a[field] === b[field]);

/** Refuses a place that does not exist. An address that was stored before this was checked stays valid until its place changes. */
export function assertRegion(place: Place): void {
	const field = findWrongRegion(place);
	if (field) throw invalid(field, "noRegion");
}

export const newAddress = (id: string, input: AddressSnapshot): Address => {
	const { postalCode = null, label = null } = input;
	const address = { ...input, postalCode, label, ...normalizeFields(input), id };
	assertRegion(address);
	return address;
};

/** The default address: the chosen one if it still exists, otherwise the oldest. Exactly one default exists at any time. */
const findDefaultId = ({ addresses, defaultAddressId }: AddressBook): string | undefined =>
	(addresses.find(({ id }) => id === defaultAddressId) ?? addresses[0])?.id;

export function listAddresses(book: AddressBook): AddressView[] {
	const defaultId = findDefaultId(book);
	return book.addresses.map(address => ({ ...address, isDefault: address.id === defaultId }));
}

export const findAddress = (book: AddressBook, addressId: string): AddressView | undefined =>
	listAddresses(book).find(({ id }) => id === addressId);

/** The copy of an address that an order keeps, without its id. */
export const toSnapshot = ({ id: _id, isDefault: _isDefault, ...rest }: AddressView): AddressSnapshot => rest;
