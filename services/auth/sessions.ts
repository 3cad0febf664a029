import { ulid } from "ulid";
import type { SessionView } from "../../schemas/auth.contract";
import { notFound } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import type { Account } from "../../schemas/users.contract";
import { ACCESS_SECONDS, signAccessToken } from "./access-token";
import type { AuthContext } from "./auth.context";
import { newDeviceToken } from "./device-token";
import { hashRefreshToken, newRefreshToken } from "./refresh-token";
import { assertActive, computeStepUpEnd, isSeenLongAgo, newSession, type Session } from "./session.domain";

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
	const client = { device: ctx.meta.device ?? null, ip: ctx.meta.ip ?? null };
	const signedIn = fact("user.signed_in", { userId: account.id, sessionId });
	await sessions.insert(
		newSession(sessionId, account, hashRefreshToken(token), client, new Date()),
		signedIn
	);
	const view = await createSessionView(ctx, account, sessionId, token);
	return { ...view, deviceToken: newDeviceToken(account.phone) };
}

/** The user's live sessions, the latest used first; at most 100 of the newest. */
export async function listSessions({ sessions }: Sessions, { id, epoch }: Account): Promise<Session[]> {
	const live = { userId: id, epoch, ended: null, expiresAt: { $gt: new Date() } };
	const found = await sessions.find(live, { sort: { _id: -1 }, limit: 100 });
	const seenAt = ({ lastSeenAt, createdAt }: Session) => (lastSeenAt ?? createdAt).getTime();
	return found.toSorted((one, other) => seenAt(other) - seenAt(one));
}

/** Of these sessions those that are over. The accounts are not asked: what ends an account's sessions marks them soon after. */
export async function findEndedSessions(
	{ sessions }: Sessions,
	sessionIds: readonly string[]
): Promise<string[]> {
	const live = { _id: { $in: sessionIds }, ended: null, expiresAt: { $gt: new Date() } };
	const found = new Set((await sessions.find(live, { fields: ["_id"] })).map(({ _id }) => _id));
	return sessionIds.filter(id => !found.has(id));
}

/** All sessions of the user that are stored, also those that are over. */
export const listStoredSessions = ({ sessions }: Sessions, userId: string): Promise<Session[]> =>
	sessions.find({ userId }, { sort: { _id: -1 } });

/** Ends one of the user's sessions. Refuses with NOT_FOUND if it is another user's or over. */
export async function endOwnSession(
	{ sessions }: Sessions,
	userId: string,
	sessionId: string
): Promise<void> {
	const now = new Date();
	const ended = await sessions.change(
		{ _id: sessionId, userId, ended: null, expiresAt: { $gt: now } },
		{ $set: { expiresAt: now, ended: "owner" } }
	);
	if (!ended) throw notFound("session", sessionId);
}

export async function endOtherSessions(
	{ sessions }: Sessions,
	userId: string,
	sessionId: string
): Promise<void> {
	const now = new Date();
	await sessions.changeMany(
		{ userId, _id: { $ne: sessionId }, ended: null, expiresAt: { $gt: now } },
		{ $set: { expiresAt: now, ended: "owner" } }
	);
}

/** Records that the session proved who uses it. Resolves to the end of the period in which that counts. */
export async function recordStepUp({ sessions }: Sessions, sessionId: string): Promise<Date> {
	const steppedUpAt = new Date();
	return computeStepUpEnd(await sessions.mustChange(sessionId, { ended: null }, { $set: { steppedUpAt } }));
}

/** Notes that the session is in use. A store that fails here must not fail the request: log only. */
export async function recordLastSeen(
	{ sessions }: Sessions,
	ctx: Ctx<unknown>,
	session: Session
): Promise<void> {
	const now = new Date();
	if (!isSeenLongAgo(session, now)) return;
	await sessions
		.change({ _id: session._id }, { $set: { lastSeenAt: now } })
		.catch((err: unknown) =>
			ctx.broker.logger.warn({ err }, "The last use of a session was not recorded")
		);
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
