import type { Where } from "../../mixins/store.mixin";
import { isDay } from "../../schemas/values/calendar";
import { invalid } from "../../schemas/errors/errors";
import { ROLES, type Role } from "../../schemas/kit/contract";
import { maskPhone, parseMobileBeginning } from "../../schemas/values/phone";
import { fold } from "../../schemas/values/text";
import { beijingDay } from "../../schemas/values/beijing-day";
import type { Account, Gender, Profile, UserStatus } from "../../schemas/users.contract";
import type { Address } from "./address.domain";

export type User = {
	readonly _id: string;
	/** 11 digits. Unique: one account for each phone. */
	readonly phone: string;
	readonly passwordHash: string;
	readonly nickname: string;
	/** The folded nickname, for the search by its beginning. */
	readonly nicknameKey: string;
	readonly email: string | null;
	readonly gender: Gender;
	/** A calendar day, `2000-02-29`. */
	readonly birthday: string | null;
	readonly avatarId: string | null;
	readonly status: UserStatus;
	readonly roles: readonly Role[];
	/** Raised in the same write as any change that ends the user's sessions. */
	readonly epoch: number;
	readonly addresses: readonly Address[];
	readonly defaultAddressId: string | null;
	readonly createdAt: Date;
	/** When its owner closed the account. Nothing personal is left in it then. */
	readonly closedAt?: Date;
	/** A demo account: its password is public. */
	readonly demo?: true;
};

type NewUser = Pick<User, "phone" | "passwordHash"> & {
	readonly nickname: string | undefined;
	readonly roles?: readonly Role[];
};
export const newUser = (_id: string, { phone, passwordHash, nickname, roles }: NewUser, now: Date): User => {
	const displayName = nickname?.trim() ?? `用户${_id.slice(-6)}`;
	return {
		_id,
		phone,
		passwordHash,
		nickname: displayName,
		nicknameKey: fold(displayName),
		email: null,
		gender: "unknown",
		birthday: null,
		avatarId: null,
		status: "active",
		roles: roles ?? ["customer"],
		epoch: 0,
		addresses: [],
		defaultAddressId: null,
		createdAt: now
	};
};

export const toProfile = (user: User): Profile => ({
	id: user._id,
	phone: user.closedAt ? ERASED : maskPhone(user.phone),
	nickname: user.nickname,
	email: user.email,
	gender: user.gender,
	birthday: user.birthday,
	avatarUrl: user.avatarId && avatarUrl(user.avatarId),
	status: user.status,
	roles: user.roles,
	createdAt: user.createdAt.toISOString()
});
/** Stands in place of a personal text that was erased. */
const ERASED = "***";

/** The fields of a closed account, which replace everything personal. The placeholder of the phone is unique, as phones are. */
export const closedUser = (id: string, closedAt: Date) =>
	({
		phone: `closed:${id}`,
		passwordHash: "",
		nickname: ERASED,
		nicknameKey: fold(ERASED),
		email: null,
		gender: "unknown",
		birthday: null,
		avatarId: null,
		status: "disabled",
		roles: ["customer"],
		addresses: [],
		defaultAddressId: null,
		closedAt
	}) satisfies Partial<User>;

export const avatarUrl = (avatarId: string): string => `/avatars/${avatarId}`;

export const toAccount = ({ _id, phone, status, roles, epoch }: User): Account => ({
	id: _id,
	phone,
	status,
	roles,
	epoch
});

/** Sorts roles, so that equal sets are equal values. */
export const sortRoles = (roles: readonly Role[]): Role[] => ROLES.filter(role => roles.includes(role));

type Changeable = Pick<User, "nickname" | "email" | "gender" | "birthday">;
type Changes = { readonly [K in keyof Changeable]?: Changeable[K] | undefined };
/** The fields to store for a change of the profile. Refuses a birthday that does not exist or is in the future in China. */
export function profileChanges(
	{ nickname, email, gender, birthday }: Changes,
	now: Date
): Partial<Changeable> {
	if (birthday && !isPastDay(birthday, now)) throw invalid("birthday", "pastDay");
	return {
		...(nickname !== undefined && { nickname: nickname.trim() }),
		...(email !== undefined && { email }),
		...(gender !== undefined && { gender }),
		...(birthday !== undefined && { birthday })
	};
}

function isPastDay(day: string, now: Date): boolean {
	return isDay(day) && day >= "1900-01-01" && day <= beijingDay(now);
}

/** Adds the search key to a new nickname. */
export const withNicknameKey = (changes: Partial<Changeable>): Partial<User> => ({
	...changes,
	...(changes.nickname !== undefined && { nicknameKey: fold(changes.nickname) })
});

/**
 * Filter for users whose nickname or phone begins with `q`. It uses ranges of indexes, so that no text of a caller becomes a
 * pattern. A number may be the beginning of either.
 */
export function searchFilter(q = ""): Where<User> {
	const prefix = fold(q);
	if (!prefix) return {};
	const byNickname = { nicknameKey: startsWith(prefix) };
	const digits = parseMobileBeginning(q);
	return digits === null ? byNickname : { $or: [{ phone: startsWith(digits) }, byNickname] };
}
/** Every text with this prefix sorts before the prefix followed by the last code point. */
const startsWith = (text: string) => ({ $gte: text, $lt: `${text}\u{10ffff}` });
