import { invalid, Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { Account } from "../../schemas/users.contract";
import { parseMobile } from "../../schemas/values/phone";
import type { AuthContext } from "./auth.context";
import { verifyPassword } from "./hash-password";
import { withLockout } from "./lockout";
import { assertActive } from "./session.domain";

/** Whether an account has a role of staff. */
export const isStaff = ({ roles }: Pick<Account, "roles">): boolean =>
	roles.some(role => role !== "customer");

/** Reads the mobile number of a request, or refuses it. */
export function requireMobile(written: string): string {
	const phone = parseMobile(written);
	if (!phone) throw invalid("phone", "mobile");
	return phone;
}

/** The account of a phone and password. BAD_CREDENTIALS, as slow and in the same words, for a phone without an account. */
export async function verifyCredentials(ctx: Ctx<unknown>, phone: string, password: string) {
	const credentials = await call(ctx, "users.credentials", { phone });
	const isRight = await verifyPassword(password, credentials?.passwordHash ?? null);
	if (!credentials || !isRight) throw new Refusal("BAD_CREDENTIALS", "Phone or password is wrong");
	return credentials;
}

/** The account of a phone whose owner has just proved to hold it by a code. Refuses with BAD_CREDENTIALS where there is none. */
export async function requireActiveAccount(ctx: Ctx<unknown>, phone: string) {
	const account = await call(ctx, "users.credentials", { phone });
	if (!account) throw new Refusal("BAD_CREDENTIALS", "The phone has no account");
	assertActive(account);
	return account;
}

/** Checks the password of a signed-in user. Wrong ones count for the session: those of a stranger never shut the owner out. */
export const verifyOwnPassword = (
	context: Pick<AuthContext, "kv" | "config">,
	ctx: Ctx<unknown>,
	{ phone, sessionId }: { readonly phone: string; readonly sessionId: string },
	password: string
) => withLockout(context, `session:${sessionId}`, () => verifyCredentials(ctx, phone, password));

/** The account of the caller, with the id of the session. */
export async function requireSignedIn(ctx: Ctx<unknown>) {
	const { user } = ctx.meta;
	const account = user && (await call(ctx, "users.account", { id: user.id }));
	if (!user || !account) throw new Refusal("UNAUTHORIZED", "Nobody is signed in");
	return { ...account, sessionId: user.sessionId };
}
