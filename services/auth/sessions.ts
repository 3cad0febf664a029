import { setTimeout as pause } from "node:timers/promises";
import { ulid } from "ulid";
import type { Store } from "../../mixins/store.mixin";
import type { SessionView } from "../../schemas/auth.contract";
import { Refusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import { call, fact } from "../../schemas/registry";
import type { Account } from "../../schemas/users.contract";
import { ACCESS_SECONDS, signAccess } from "./access.token";
import { hashRefreshToken, newRefreshToken, parseSessionId } from "./refresh.token";
import * as domain from "./session.domain";

type Sessions = { readonly sessions: Store<domain.Session> };
type Call = Ctx<unknown>;

const sessionOver = () => new Refusal("UNAUTHORIZED", "The session is over");

/** Signs the account in, on a session of its own. */
export async function startSession(
	{ sessions }: Sessions,
	ctx: Call,
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
 * New tokens for a refresh token, which is good once; and once more for a client that lost the answer. The successor that
 * nobody used is void then: if it turns up after all, somebody else has it, and the session ends.
 */
export async function refreshSession({ sessions }: Sessions, ctx: Call, token: string): Promise<SessionView> {
	const sessionId = parseSessionId(token);
	const session = sessionId && (await sessions.findOne({ _id: sessionId }));
	if (!session) throw sessionOver();
	const now = new Date();
	const ip = ctx.meta.ip ?? null;
	const account = await call(ctx, "users.standing", { id: session.userId });
	if (account) assertActive(account);
	if (!account || !domain.isLive(session, account, now)) throw sessionOver();

	const next = newRefreshToken(session._id);
	const receivedAt = new Date(ctx.meta.receivedAt ?? now);
	const use = domain.classifyRefresh(session, hashRefreshToken(token), ip, receivedAt);
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
					...(use === "exchange" && { previousHash: hashRefreshToken(token), exchangedAt: now }),
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
		if (domain.classifyRefresh(latest, hashRefreshToken(token), ip, receivedAt) === "reuse")
			await endSession({ sessions }, session._id, "reuse");
		throw sessionOver();
	}
	await waitForConcurrentRefreshes();
	const told = await sessions.change(
		{ _id: session._id, tokenHash: hashRefreshToken(next), ended: null, expiresAt: { $gt: new Date() } },
		{ $set: { toldAt: new Date() } }
	);
	if (!told) throw sessionOver(); // ended meanwhile
	return createSessionView(ctx, account, session._id, next);
}

/** Gives those who race time to come to their answer: in steps, so that a busy process takes its backlog first. */
async function waitForConcurrentRefreshes(): Promise<void> {
	for (let step = 0; step < 10; step++) await pause(20);
}

/**
 * Notes that the answer with the newest tokens has arrived, at the first use of its access token: from then on the token
 * before is spent. Signing in goes on where nothing can be stored.
 */
export async function recordFirstUse(
	{ sessions }: Sessions,
	ctx: Call,
	session: domain.Session,
	refreshHash: string | null
): Promise<void> {
	const { _id, tokenHash, previousHash, usedAt } = session;
	if (refreshHash !== tokenHash || previousHash === undefined || usedAt !== undefined) return;
	await sessions
		.change({ _id, tokenHash }, { $set: { usedAt: new Date() } })
		.catch((err: unknown) => ctx.broker.logger.warn({ err }, "The use of new tokens was not noted"));
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

/** Marks as over what an event of the account ended. */
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

/** Keeps the session that made a change, when the change ended all of the user's: only from the epoch right before it. */
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
	ctx: Call,
	account: Account,
	sessionId: string,
	refreshToken: string
): Promise<SessionView> {
	const [accessToken, user] = await Promise.all([
		signAccess(account, sessionId, hashRefreshToken(refreshToken)),
		call(ctx, "users.profile", { id: account.id })
	]);
	return { accessToken, refreshToken, expiresIn: ACCESS_SECONDS, user };
}
