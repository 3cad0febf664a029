import { setTimeout as pause } from "node:timers/promises";
import type { SessionView } from "../../schemas/auth.contract";
import { Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { AuthContext } from "./auth.context";
import { hashRefreshToken, newRefreshToken, parseSessionId } from "./refresh-token";
import {
	assertActive,
	classifyRefresh,
	isLive,
	computeNextExpiry,
	type Session,
	type TokenUse
} from "./session.domain";
import { createSessionView, endSession } from "./sessions";

type Sessions = Pick<AuthContext, "sessions">;

const sessionOver = () => new Refusal("UNAUTHORIZED", "The session is over");

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
	const account = await call(ctx, "users.account", { id: session.userId });
	if (account) assertActive(account);
	if (!account || !isLive(session, account, now)) throw sessionOver();

	const use: TokenUse = {
		tokenHash: hashRefreshToken(token),
		ip: ctx.meta.ip ?? null,
		receivedAt: new Date(ctx.meta.receivedAt ?? now)
	};
	const retryMs = config.get("auth.refreshRetrySeconds") * 1000;
	const kind = classifyRefresh(session, use, retryMs);
	const mayRotate = kind === "exchange" || kind === "retry";
	const newToken = newRefreshToken(session._id);
	if (!mayRotate || !(await rotateToken(context, session, kind, use, newToken, now))) {
		const latest = mayRotate ? await sessions.get(session._id) : session;
		if (classifyRefresh(latest, use, retryMs) === "reuse")
			await endSession(context, session._id, "reuse");
		throw sessionOver();
	}
	await waitForConcurrentRefreshes();
	if (!(await markAnswered(context, session._id, newToken))) throw sessionOver(); // another request ended it
	return createSessionView(ctx, account, session._id, newToken);
}

/** Replaces the session's newest token, unless another refresh did so first or the session ended. */
const rotateToken = (
	{ sessions }: Sessions,
	session: Session,
	kind: "exchange" | "retry",
	{ tokenHash, ip }: TokenUse,
	newToken: string,
	now: Date
): Promise<Session | null> =>
	sessions.change(
		{
			_id: session._id,
			tokenHash: session.tokenHash,
			...(kind === "retry" && { usedAt: null }),
			ended: null,
			expiresAt: { $gt: now }
		},
		{
			$set: {
				...(kind === "exchange" && { previousHash: tokenHash, exchangedAt: now }),
				tokenHash: hashRefreshToken(newToken),
				rotatedAt: now,
				rotatedFrom: ip,
				expiresAt: computeNextExpiry(session, now)
			},
			$unset: { answeredAt: "", usedAt: "" }
		}
	);

/**
 * Gives concurrent refreshes time to be classified as races before `answeredAt` is set. Waits in steps, so that a busy process
 * works off its backlog first.
 */
async function waitForConcurrentRefreshes(): Promise<void> {
	for (let step = 0; step < 10; step++) await pause(20);
}

/** Sets `answeredAt`: from now on a use of the former token is no race. Null if the session ended or was refreshed meanwhile. */
const markAnswered = ({ sessions }: Sessions, _id: string, newToken: string): Promise<Session | null> =>
	sessions.change(
		{ _id, tokenHash: hashRefreshToken(newToken), ended: null, expiresAt: { $gt: new Date() } },
		{ $set: { answeredAt: new Date() } }
	);

/**
 * Records the first use of the newest access token: it proves that the answer with the newest tokens arrived, so the refresh
 * token before it can't be retried any more. A store that fails here must not fail the request: log only.
 */
export async function recordFirstUse(
	{ sessions }: Sessions,
	ctx: Ctx<unknown>,
	session: Session,
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
