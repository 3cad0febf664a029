import { newUser, type User } from "./user.domain";

/** The demo accounts of the README, with hashes of public passwords: `Mall-admin-1` and `Mall-user-1`. Outside production only. */
const DEMO_ACCOUNTS = [
	{
		phone: "13800000000",
		nickname: "管理员",
		roles: ["admin"],
		passwordHash:
			"$argon2id$v=19$m=19456,t=2,p=1$ss+7Bj49Kxn0knfOeK8g1A$T/bkkN1wMg+QewHQZ+GK+ws4zptgCG6anc9gdSOdroI"
	},
	{
		phone: "13900000000",
		nickname: "顾客",
		roles: ["customer"],
		passwordHash:
			"$argon2id$v=19$m=19456,t=2,p=1$Uv0uYVWt8r3FMKnLDUF2Gw$kzKPU5TlUxcP95sUY9RUUh5f4f01NmFxdDVxLV7YdT8"
	},
	// The buyer of the demo orders, so that the customer above begins without any. The password is the same.
	{
		phone: "18999999901",
		nickname: "老顾客",
		roles: ["customer"],
		passwordHash:
			"$argon2id$v=19$m=19456,t=2,p=1$Uv0uYVWt8r3FMKnLDUF2Gw$kzKPU5TlUxcP95sUY9RUUh5f4f01NmFxdDVxLV7YdT8"
	}
] as const;

export const createDemoUsers = (newId: () => string, now: Date): User[] =>
	DEMO_ACCOUNTS.map(account => ({ ...newUser(newId(), account, now), demo: true }));
