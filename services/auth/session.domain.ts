import type { SessionInfo } from "../../schemas/auth.contract";
import { DAY_MS } from "../../schemas/values/durations";
import { Refusal } from "../../schemas/errors/errors";
import { STEP_UP_MS } from "../../schemas/values/step-up";
import type { Account } from "../../schemas/users.contract";

export const MAX_IDLE_MS = 14 * DAY_MS;
export const MAX_LIFETIME_MS = 90 * DAY_MS;
/** Longest time between a refresh and its answer. A refresh without an answer after that has died with its process. */
export const RACE_MS = 5_000;
/** How long an ended session is kept, so that operators can see why it ended. */
export const RETENTION_MS = DAY_MS;

export type Session = {
	readonly _id: string;
	readonly userId: string;
	/** The account's `epoch` at sign-in. A different one on the account means that its sessions were ended since. */
	readonly epoch: number;
	/** Hash of the newest refresh token. */
	readonly tokenHash: string;
	/** Hash of the refresh token that was exchanged for the newest one. */
	readonly previousHash?: string;
	/** First exchange of the previous token; a retry does not change it. */
	readonly exchangedAt?: Date;
	/** First use of the newest refresh token or of its access token: proof that the answer arrived. Absent until then. */
	readonly usedAt?: Date;
	readonly rotatedAt: Date | null;
	readonly rotatedFrom: string | null;
	/** When the newest token was about to be returned to the client; absent until then. */
	readonly answeredAt?: Date;
	/** The User-Agent and the address of the log-in. */
	readonly device?: string | null;
	readonly ip?: string | null;
	/** Time of the last request, to about a minute. */
	readonly lastSeenAt?: Date;
	/** The latest proof of identity after the log-in, which is one itself. */
	readonly steppedUpAt?: Date;
	readonly createdAt: Date;
	/** Moved on by every refresh, up to `endsAt`. A session is over when this is past or `ended` is set. */
	readonly expiresAt: Date;
	readonly endsAt: Date;
	readonly ended?: "logout" | "reuse" | "account" | "owner";
};

/** The client that logs in. */
export type Client = { readonly device: string | null; readonly ip: string | null };

export const newSession = (
	_id: string,
	{ id, epoch }: Account,
	tokenHash: string,
	{ device, ip }: Client,
	now: Date
): Session => ({
	_id,
	userId: id,
	epoch,
	tokenHash,
	rotatedAt: null,
	rotatedFrom: null,
	answeredAt: now,
	device,
	ip,
	lastSeenAt: now,
	createdAt: now,
	expiresAt: new Date(now.getTime() + MAX_IDLE_MS),
	endsAt: new Date(now.getTime() + MAX_LIFETIME_MS)
});

/** Refuses a disabled account with ACCOUNT_DISABLED. */
export function assertActive({ status }: Account): void {
	if (status === "disabled") throw new Refusal("ACCOUNT_DISABLED", "The account is disabled");
}

export const isLive = (session: Session, account: Account, now: Date): boolean =>
	session.userId === account.id &&
	session.epoch === account.epoch &&
	session.ended === undefined &&
	session.expiresAt > now;

export const computeNextExpiry = ({ endsAt }: Session, now: Date): Date =>
	new Date(Math.min(now.getTime() + MAX_IDLE_MS, endsAt.getTime()));

/** The end of the period in which the session's latest proof of identity counts. */
export const computeStepUpEnd = ({ steppedUpAt, createdAt }: Session): Date =>
	new Date((steppedUpAt ?? createdAt).getTime() + STEP_UP_MS);

/** Precision of `lastSeenAt`, so that a busy session is not written at every request. */
const SEEN_STEP_MS = 60_000;
export const isSeenLongAgo = ({ lastSeenAt, createdAt }: Session, now: Date): boolean =>
	Math.abs(now.getTime() - (lastSeenAt ?? createdAt).getTime()) >= SEEN_STEP_MS;

export const toSessionInfo = (session: Session, currentId: string): SessionInfo => ({
	id: session._id,
	device: session.device ?? null,
	ip: session.ip ?? null,
	createdAt: session.createdAt.toISOString(),
	lastSeenAt: (session.lastSeenAt ?? session.createdAt).toISOString(),
	current: session._id === currentId
});

/** A refresh token as it was received: its hash, the client's address, and the time of receipt. */
export type TokenUse = { readonly tokenHash: string; readonly ip: string | null; readonly receivedAt: Date };

/**
 * Tells a normal refresh, a concurrent one and a retry from token theft (RFC 9700, section 4.14.2):
 * - `exchange`: the token is the newest one.
 * - `race`: the token is the previous one, from the same address, received before the newest one had been returned to anyone.
 * - `retry`: the token is the previous one, within `retryMs` of its first exchange, and the newest one was never used: the
 *   answer may have been lost. With `retryMs` 0 there are no retries.
 * - `reuse`: anything else. Two parties hold the token, so the session must end.
 */
export function classifyRefresh(
	session: Session,
	{ tokenHash, ip, receivedAt }: TokenUse,
	retryMs: number
): "exchange" | "race" | "retry" | "reuse" {
	const { previousHash, rotatedAt, rotatedFrom, exchangedAt, answeredAt, usedAt } = session;
	if (tokenHash === session.tokenHash) return "exchange";
	if (tokenHash !== previousHash || !rotatedAt || !exchangedAt) return "reuse";
	const unanswered = answeredAt === undefined || receivedAt < answeredAt;
	if (unanswered && isWithin(RACE_MS, receivedAt, rotatedAt)) return rotatedFrom === ip ? "race" : "reuse";
	return usedAt === undefined && isWithin(retryMs, receivedAt, exchangedAt) ? "retry" : "reuse";
}

/** Compares in both directions, so that a clock that was set back makes no token valid for longer. */
const isWithin = (ms: number, one: Date, other: Date) => Math.abs(one.getTime() - other.getTime()) < ms;
