import { ulid } from "ulid";
import type { SessionView } from "../../schemas/auth.contract";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import type { Account } from "../../schemas/users.contract";
import { ACCESS_SECONDS, signAccessToken } from "./access-token";
import type { AuthContext } from "./auth.context";
import { hashRefreshToken, newRefreshToken } from "./refresh-token";
import { assertActive, newSession, type Session } from "./session.domain";

type Sessions = Pick<AuthContext, "sessions">;

/** Signs the account in: starts a session and returns its first tokens. */
export async function startSession(
	{ sessions }: Sessions,
	ctx: Ctx<unknown>,
	account: Account
): Promise<SessionView> {
	assertActive(account);
	ctx.meta.provenId = account.id;
	const sessionId = ulid();
	const token = newRefreshToken(sessionId);
	const signedIn = fact("user.signed_in", { userId: account.id, sessionId });
	await sessions.insert(newSession(sessionId, account, hashRefreshToken(token), new Date()), signedIn);
	return createSessionView(ctx, account, sessionId, token);
}

export async function endSession(
	{ sessions }: Sessions,
	sessionId: string,
	ended: NonNullable<Session["ended"]>
): Promise<void> {
	const now = new Date();
	await sessions.change(
		{ _id: sessionId, ended: null, expiresAt: { $gt: now } },
		{ $set: { expiresAt: now, ended } }
	);
}

/** Marks the user's sessions of an older epoch as over; they stopped working when the epoch was raised. */
export async function endOlderSessions(
	{ sessions }: Sessions,
	{ userId, epoch = 0 }: { readonly userId: string; readonly epoch?: number | undefined }
): Promise<void> {
	const now = new Date();
	await sessions.changeMany(
		{ userId, epoch: { $lt: epoch }, expiresAt: { $gt: now } },
		{ $set: { expiresAt: now, ended: "account" } }
	);
}

/**
 * Moves one session to the account's new epoch, so that it survives the user's own change of password or phone, which ends
 * all others. Only from the epoch right before: a session that something else ended stays ended.
 */
export async function keepSession(
	{ sessions }: Sessions,
	sessionId: string,
	{ epoch }: Account
): Promise<void> {
	await sessions.change({ _id: sessionId, epoch: epoch - 1 }, { $set: { epoch } });
}

/** The answer of a sign-in or refresh: the tokens and the user. */
export async function createSessionView(
	ctx: Ctx<unknown>,
	account: Account,
	sessionId: string,
	refreshToken: string
): Promise<SessionView> {
	const [accessToken, user] = await Promise.all([
		signAccessToken(account, sessionId, hashRefreshToken(refreshToken)),
		call(ctx, "users.profile", { id: account.id })
	]);
	return { accessToken, refreshToken, expiresIn: ACCESS_SECONDS, user };
}
