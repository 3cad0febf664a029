import { createHash, timingSafeEqual } from "node:crypto";
import type { Account } from "../../schemas/users.contract";

const DAY_MS = 86_400_000;
export const IDLE_MS = 14 * DAY_MS;
export const LIFE_MS = 90 * DAY_MS;
/**
 * So long a new refresh token is held back after it was stored. Whoever sends the old one meanwhile raced the first and
 * cannot have seen its answer: no theft. From then on the old one is spent, and its return is one.
 */
export const SETTLE_MS = 200;
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
	readonly createdAt: Date;
	/** Moves on with every refresh, up to `endsAt`. In the past: the session is over. */
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
	createdAt: now,
	expiresAt: new Date(now.getTime() + IDLE_MS),
	endsAt: new Date(now.getTime() + LIFE_MS)
});

export const lives = (session: Session, account: Account, now: Date): boolean =>
	session.userId === account.id && session.epoch === account.epoch && session.expiresAt > now;

export const nextExpiry = ({ endsAt }: Session, now: Date): Date =>
	new Date(Math.min(now.getTime() + IDLE_MS, endsAt.getTime()));

/** Whether a token that is good no more only came a moment too late, from where the first came from. */
export const raced = ({ rotatedAt, rotatedFrom }: Session, ip: string | null, now: Date): boolean =>
	rotatedAt !== null && now.getTime() - rotatedAt.getTime() < SETTLE_MS && rotatedFrom === ip;

type Mac = (text: string) => string;

/** `<session>.<256 random bits>.<mac>`: the mac tells a token of ours that was spent from one that was made up. */
export const tokenOf = (sessionId: string, random: Buffer, mac: Mac): string => {
	const bare = `${sessionId}.${random.toString("base64url")}`;
	return `${bare}.${mac(bare)}`;
};
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** The session that a refresh token is, or was, of; null for one that we never made. */
export function sessionIdOf(token: string, mac: Mac): string | null {
	const [, bare = "", sessionId = "", given = ""] =
		/^((\w{26})\.[\w-]{43})\.([\w-]{43})$/.exec(token) ?? [];
	return bare && timingSafeEqual(Buffer.from(mac(bare)), Buffer.from(given)) ? sessionId : null;
}
