import { DAY_MS } from "../../schemas/durations";
import type { Account } from "../../schemas/users.contract";

export const MAX_IDLE_MS = 14 * DAY_MS;
export const MAX_LIFETIME_MS = 90 * DAY_MS;
/** A refresh that has not told its outcome by then never will: its process died. */
export const RACE_MS = 5_000;
/** How long the token that was exchanged last is good once more, for a client that never got the answer. */
export const GRACE_MS = 30_000;
/** How long a session that is over is kept, for whoever wants to know why. */
export const RETENTION_MS = DAY_MS;

export type Session = {
	readonly _id: string;
	readonly userId: string;
	/** The user's at sign-in: another one now means that something ended the user's sessions since. */
	readonly epoch: number;
	/** Of the newest refresh token. */
	readonly tokenHash: string;
	/** Of the token that the newest one was given for, and when that was exchanged for the first time. */
	readonly previousHash?: string;
	readonly exchangedAt?: Date;
	/** When the newest token was first used, or the access token that came with it: its answer has arrived. Absent until then. */
	readonly usedAt?: Date;
	readonly rotatedAt: Date | null;
	readonly rotatedFrom: string | null;
	/** From when on somebody can have seen the token that came of the last refresh; absent until then. */
	readonly toldAt?: Date;
	readonly createdAt: Date;
	/** Moves on with every refresh, up to `endsAt`. In the past, or `ended`: the session is over. */
	readonly expiresAt: Date;
	readonly endsAt: Date;
	readonly ended?: "logout" | "reuse" | "account";
};

export const newSession = (_id: string, { id, epoch }: Account, tokenHash: string, now: Date): Session => ({
	_id,
	userId: id,
	epoch,
	tokenHash,
	rotatedAt: null,
	rotatedFrom: null,
	toldAt: now,
	createdAt: now,
	expiresAt: new Date(now.getTime() + MAX_IDLE_MS),
	endsAt: new Date(now.getTime() + MAX_LIFETIME_MS)
});

export const isLive = (session: Session, account: Account, now: Date): boolean =>
	session.userId === account.id &&
	session.epoch === account.epoch &&
	session.ended === undefined &&
	session.expiresAt > now;

export const nextExpiry = ({ endsAt }: Session, now: Date): Date =>
	new Date(Math.min(now.getTime() + MAX_IDLE_MS, endsAt.getTime()));

/**
 * What the use of a refresh token means. `exchange`: it is the newest one. `race`: it came from the same place before its
 * successor was told to anybody, so its sender cannot have seen that. `retry`: its successor was told, but never used, and
 * the grace is not over: the answer may have been lost. Anything else is `reuse`, which is taken for theft.
 */
export function classifyRefresh(
	session: Session,
	tokenHash: string,
	ip: string | null,
	receivedAt: Date
): "exchange" | "race" | "retry" | "reuse" {
	const { previousHash, rotatedAt, rotatedFrom, exchangedAt, toldAt, usedAt } = session;
	if (tokenHash === session.tokenHash) return "exchange";
	if (tokenHash !== previousHash || !rotatedAt || !exchangedAt) return "reuse";
	const untold = toldAt === undefined || receivedAt < toldAt;
	if (untold && isWithin(RACE_MS, receivedAt, rotatedAt)) return rotatedFrom === ip ? "race" : "reuse";
	return usedAt === undefined && isWithin(GRACE_MS, receivedAt, exchangedAt) ? "retry" : "reuse";
}

/** In both directions: after the clock was set back, nothing is good for longer. */
const isWithin = (ms: number, one: Date, other: Date) => Math.abs(one.getTime() - other.getTime()) < ms;
