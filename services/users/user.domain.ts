import type { Where } from "../../mixins/store.mixin";
import { isDay } from "../../schemas/calendar";
import { invalid } from "../../schemas/errors";
import { ROLES, type Role } from "../../schemas/kit/contract";
import { maskPhone, parseMobileBeginning } from "../../schemas/phone";
import { fold } from "../../schemas/text";
import { beijingDay } from "../../schemas/beijing-day";
import type { Account, Gender, Profile, UserStatus } from "../../schemas/users.contract";
import type { Address } from "./address.domain";

export type User = {
	readonly _id: string;
	/** 11 digits; one account a phone. */
	readonly phone: string;
	readonly passwordHash: string;
	readonly nickname: string;
	/** The nickname folded: lists are searched by its beginning. */
	readonly nicknameKey: string;
	readonly email: string | null;
	readonly gender: Gender;
	/** A calendar day, `2000-02-29`. */
	readonly birthday: string | null;
	readonly avatarId: string | null;
	readonly status: UserStatus;
	readonly roles: readonly Role[];
	/** Raised by whatever ends the user's sessions, in the same write. */
	readonly epoch: number;
	readonly addresses: readonly Address[];
	readonly defaultAddressId: string | null;
	readonly createdAt: Date;
	/** Made at the first start with a password that everybody knows. */
	readonly demo?: true;
};

type Newcomer = Pick<User, "phone" | "passwordHash"> & {
	readonly nickname: string | undefined;
	readonly roles?: readonly Role[];
};
export const newUser = (_id: string, { phone, passwordHash, nickname, roles }: Newcomer, now: Date): User => {
	const shown = nickname?.trim() ?? `用户${_id.slice(-6)}`;
	return {
		_id,
		phone,
		passwordHash,
		nickname: shown,
		nicknameKey: fold(shown),
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
	phone: maskPhone(user.phone),
	nickname: user.nickname,
	email: user.email,
	gender: user.gender,
	birthday: user.birthday,
	avatarUrl: user.avatarId && avatarUrl(user.avatarId),
	status: user.status,
	roles: user.roles,
	createdAt: user.createdAt.toISOString()
});
export const avatarUrl = (avatarId: string): string => `/avatars/${avatarId}`;

export const toAccount = ({ _id, phone, status, roles, epoch }: User): Account => ({
	id: _id,
	phone,
	status,
	roles,
	epoch
});

/** Roles in one order, so that the same set is the same value. */
export const sortRoles = (roles: readonly Role[]): Role[] => ROLES.filter(role => roles.includes(role));

type Changeable = Pick<User, "nickname" | "email" | "gender" | "birthday">;
type Changes = { readonly [K in keyof Changeable]?: Changeable[K] | undefined };
/** What to store of a profile's change; refuses a day that is none, or that has yet to come in China. */
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

/** Adds to a nickname that is to be stored the key by which it is found. */
export const withNicknameKey = (changes: Partial<Changeable>): Partial<User> => ({
	...changes,
	...(changes.nickname !== undefined && { nicknameKey: fold(changes.nickname) })
});

/**
 * Users whose nickname or phone begins with `q`, as ranges of indexes: no text of a caller ever becomes a pattern. A number
 * may be the beginning of either.
 */
export function searchFilter(q = ""): Where<User> {
	const beginning = fold(q);
	if (!beginning) return {};
	const byNickname = { nicknameKey: beginsWith(beginning) };
	const digits = parseMobileBeginning(q);
	return digits === null ? byNickname : { $or: [{ phone: beginsWith(digits) }, byNickname] };
}
/** No text that begins so comes after the last character of Unicode. */
const beginsWith = (text: string) => ({ $gte: text, $lt: `${text}\u{10ffff}` });
