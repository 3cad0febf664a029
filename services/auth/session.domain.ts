import { DAY_MS } from "../../schemas/durations";
import type { Account } from "../../schemas/users.contract";

export const IDLE_MS = 14 * DAY_MS;
export const LIFE_MS = 90 * DAY_MS;
/** A refresh that has not told its outcome by then never will: its process died. */
export const RACE_MS = 5_000;
/** How long a session that is over is kept, for whoever wants to know why. */
export const KEPT_MS = DAY_MS;

export type Session = {
	readonly _id: string;
	readonly userId: string;
	/** The user's at sign-in: another one now means that something ended the user's sessions since. */
	readonly epoch: number;
	/** Of the one refresh token that is good. */
	readonly tokenHash: string;
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
	expiresAt: new Date(now.getTime() + IDLE_MS),
	endsAt: new Date(now.getTime() + LIFE_MS)
});

export const lives = (session: Session, account: Account, now: Date): boolean =>
	session.userId === account.id &&
	session.epoch === account.epoch &&
	session.ended === undefined &&
	session.expiresAt > now;

export const nextExpiry = ({ endsAt }: Session, now: Date): Date =>
	new Date(Math.min(now.getTime() + IDLE_MS, endsAt.getTime()));

/**
 * Whether a token that is good no more raced the first one, from the same place: whoever sent it (`receivedAt`) before its
 * successor was told to anybody cannot have seen that. Afterwards it is spent, and its return is a theft.
 */
export function raced(
	{ rotatedAt, rotatedFrom, toldAt }: Session,
	ip: string | null,
	receivedAt: Date
): boolean {
	if (rotatedAt === null || rotatedFrom !== ip) return false;
	const before = Math.abs(receivedAt.getTime() - rotatedAt.getTime()) < RACE_MS;
	return before && (toldAt === undefined || receivedAt < toldAt);
}
