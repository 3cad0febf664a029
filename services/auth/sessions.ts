import { setTimeout as pause } from "node:timers/promises";
import { ulid } from "ulid";
import type { Store } from "../../mixins/store.mixin";
import type { SessionView } from "../../schemas/auth.contract";
import { Refusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import { call, fact } from "../../schemas/registry";
import type { Account } from "../../schemas/users.contract";
import { ACCESS_SECONDS, signAccess } from "./access.token";
import { hashOf, newRefreshToken, sessionIdOf } from "./refresh.token";
import * as domain from "./session.domain";

type Sessions = { readonly sessions: Store<domain.Session> };
type Call = Ctx<unknown>;

const refused = () => new Refusal("UNAUTHORIZED", "The session is over");

/** Signs the account in, on a session of its own. */
export async function open({ sessions }: Sessions, ctx: Call, account: Account): Promise<SessionView> {
	mustBeActive(account);
	ctx.meta.provenId = account.id;
	const sessionId = ulid();
	const token = newRefreshToken(sessionId);
	const signedIn = fact("user.signed_in", { userId: account.id, sessionId });
	await sessions.insert(domain.newSession(sessionId, account, hashOf(token), new Date()), signedIn);
	return view(ctx, account, sessionId, token);
}

/** New tokens for a refresh token, which is good once. */
export async function rotate({ sessions }: Sessions, ctx: Call, token: string): Promise<SessionView> {
	const sessionId = sessionIdOf(token);
	const session = sessionId && (await sessions.findOne({ _id: sessionId }));
	if (!session) throw refused();
	const now = new Date();
	const ip = ctx.meta.ip ?? null;
	const account = await call(ctx, "users.standing", { id: session.userId });
	if (account) mustBeActive(account);
	if (!account || !domain.lives(session, account, now)) throw refused();

	const next = newRefreshToken(session._id);
	const rotated = await sessions.change(
		{ _id: session._id, tokenHash: hashOf(token), ended: null, expiresAt: { $gt: now } },
		{
			$set: {
				tokenHash: hashOf(next),
				rotatedAt: now,
				rotatedFrom: ip,
				expiresAt: domain.nextExpiry(session, now)
			},
			$unset: { toldAt: "" }
		}
	);
	if (!rotated) {
		const receivedAt = new Date(ctx.meta.receivedAt ?? now);
		if (!domain.raced(await sessions.get(session._id), ip, receivedAt))
			await end({ sessions }, session._id, "reuse");
		throw refused();
	}
	await settled();
	const told = await sessions.change(
		{ _id: session._id, tokenHash: hashOf(next), ended: null, expiresAt: { $gt: new Date() } },
		{ $set: { toldAt: new Date() } }
	);
	if (!told) throw refused(); // ended meanwhile
	return view(ctx, account, session._id, next);
}

/** Gives those who race time to come to their answer: in steps, so that a busy process takes its backlog first. */
async function settled(): Promise<void> {
	for (let step = 0; step < 10; step++) await pause(20);
}

export async function end(
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
export async function endBefore(
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
export async function carryOver(
	{ sessions }: Sessions,
	sessionId: string,
	{ epoch }: Account
): Promise<void> {
	await sessions.change({ _id: sessionId, epoch: epoch - 1 }, { $set: { epoch } });
}

export function mustBeActive({ status }: Account): void {
	if (status === "disabled") throw new Refusal("ACCOUNT_DISABLED", "The account is disabled");
}

async function view(
	ctx: Call,
	account: Account,
	sessionId: string,
	refreshToken: string
): Promise<SessionView> {
	const [accessToken, user] = await Promise.all([
		signAccess(account, sessionId),
		call(ctx, "users.profile", { id: account.id })
	]);
	return { accessToken, refreshToken, expiresIn: ACCESS_SECONDS, user };
}
