import { setTimeout as pause } from "node:timers/promises";
import { ulid } from "ulid";
import type { SessionView } from "../../schemas/auth.contract";
import { Refusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import type { Account } from "../../schemas/users.contract";
import { ACCESS_SECONDS, signAccessToken } from "./access-token";
import type { AuthContext } from "./auth.context";
import { hashRefreshToken, newRefreshToken, parseSessionId } from "./refresh-token";
import * as domain from "./session.domain";

type Sessions = Pick<AuthContext, "sessions">;

const sessionOver = () => new Refusal("UNAUTHORIZED", "The session is over");

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
	await sessions.insert(
		domain.newSession(sessionId, account, hashRefreshToken(token), new Date()),
		signedIn
	);
	return createSessionView(ctx, account, sessionId, token);
}

/**
 * Exchanges a refresh token for new tokens, once. A concurrent second exchange is refused with UNAUTHORIZED; a later one is
 * taken for theft and ends the session.
 *
 * With `auth.refreshRetrySeconds` a client that lost the answer may exchange the same token again within that time. The
 * unused token of the lost answer then counts as spent, so using it ends the session.
 */
export async function refreshSession(
	context: Pick<AuthContext, "sessions" | "config">,
	ctx: Ctx<unknown>,
	token: string
): Promise<SessionView> {
	const { sessions, config } = context;
	const sessionId = parseSessionId(token);
	const session = sessionId && (await sessions.findOne({ _id: sessionId }));
	if (!session) throw sessionOver();
	const now = new Date();
	const ip = ctx.meta.ip ?? null;
	const account = await call(ctx, "users.account", { id: session.userId });
	if (account) assertActive(account);
	if (!account || !domain.isLive(session, account, now)) throw sessionOver();

	const next = newRefreshToken(session._id);
	const received = {
		tokenHash: hashRefreshToken(token),
		ip,
		receivedAt: new Date(ctx.meta.receivedAt ?? now)
	};
	const retryMs = config.get("auth.refreshRetrySeconds") * 1000;
	const use = domain.classifyRefresh(session, received, retryMs);
	const mayRotate = use === "exchange" || use === "retry";
	const rotated =
		mayRotate &&
		(await sessions.change(
			{
				_id: session._id,
				tokenHash: session.tokenHash,
				...(use === "retry" && { usedAt: null }),
				ended: null,
				expiresAt: { $gt: now }
			},
			{
				$set: {
					...(use === "exchange" && { previousHash: received.tokenHash, exchangedAt: now }),
					tokenHash: hashRefreshToken(next),
					rotatedAt: now,
					rotatedFrom: ip,
					expiresAt: domain.nextExpiry(session, now)
				},
				$unset: { toldAt: "", usedAt: "" }
			}
		));
	if (!rotated) {
		const latest = mayRotate ? await sessions.get(session._id) : session;
		if (domain.classifyRefresh(latest, received, retryMs) === "reuse")
			await endSession(context, session._id, "reuse");
		throw sessionOver();
	}
	await waitForConcurrentRefreshes();
	const answered = await sessions.change(
		{
			_id: session._id,
			tokenHash: hashRefreshToken(next),
			ended: null,
			expiresAt: { $gt: new Date() }
		},
		{ $set: { toldAt: new Date() } }
	);
	if (!answered) throw sessionOver(); // ended meanwhile
	return createSessionView(ctx, account, session._id, next);
}

/**
 * Gives concurrent refreshes time to be classified as races before `toldAt` is set. Waits in steps, so that a busy process
 * works off its backlog first.
 */
async function waitForConcurrentRefreshes(): Promise<void> {
	for (let step = 0; step < 10; step++) await pause(20);
}

/**
 * Records the first use of the newest access token: it proves that the answer with the newest tokens arrived, so the refresh
 * token before it can't be retried any more. A store that fails here must not fail the request: log only.
 */
export async function recordFirstUse(
	{ sessions }: Sessions,
	ctx: Ctx<unknown>,
	session: domain.Session,
	refreshHash: string | null
): Promise<void> {
	const { _id, tokenHash, previousHash, usedAt } = session;
	if (refreshHash !== tokenHash || previousHash === undefined || usedAt !== undefined) return;
	await sessions
		.change({ _id, tokenHash }, { $set: { usedAt: new Date() } })
		.catch((err: unknown) =>
			ctx.broker.logger.warn({ err }, "The first use of new tokens was not recorded")
		);
}

export async function endSession(
	{ sessions }: Sessions,
	sessionId: string,
	ended: NonNullable<domain.Session["ended"]>
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

export function assertActive({ status }: Account): void {
	if (status === "disabled") throw new Refusal("ACCOUNT_DISABLED", "The account is disabled");
}

async function createSessionView(
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
