import { configMixin } from "../../mixins/config.mixin";
import { keyValueMixin } from "../../mixins/key-value.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { auth } from "../../schemas/auth.contract";
import { invalid, Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { parseMobile } from "../../schemas/values/phone";
import { call, service } from "../../schemas/registry";
import { verifyAccessToken } from "./access-token";
import type { AuthContext } from "./auth.context";
import { hashPassword, verifyPassword } from "./hash-password";
import { clearLockout, withLockout } from "./lockout";
import { CODE_SECONDS, SMS_INTERVAL_SECONDS } from "./one-time-code.domain";
import { consumeCode, issueCode, consumeSmsQuota } from "./one-time-codes";
import { assertAcceptablePassword } from "./password.domain";
import { recordFirstUse, refreshSession } from "./refresh-session";
import { parseSessionId } from "./refresh-token";
import { assertActive, isLive, RETENTION_MS, type Session } from "./session.domain";
import { endOlderSessions, endSession, keepSession, startSession } from "./sessions";
import { formatCodeText, smsSender } from "./sms-sender";

/** Owns sessions, one-time codes and the checks of credentials. Accounts belong to `users`. */
export default service(auth, {
	dependencies: ["users"],
	mixins: [
		storeMixin({
			sessions: collection<Session>("auth_sessions", [
				{ keys: { userId: 1, epoch: 1 } },
				{ keys: { expiresAt: 1 } }
			])
		}),
		keyValueMixin,
		configMixin,
		scheduleMixin<AuthContext>({
			name: "remove ended sessions",
			every: "housekeeping.sweepEvery",
			async run() {
				await this.sessions.remove({ expiresAt: { $lt: new Date(Date.now() - RETENTION_MS) } });
			}
		})
	],

	actions: {
		authenticate: {
			async handler(ctx) {
				const { userId, sessionId, refreshHash } = await verifyAccessToken(ctx.params.token);
				const [session, account] = await Promise.all([
					this.sessions.findOne({ _id: sessionId }),
					call(ctx, "users.account", { id: userId })
				]);
				if (account) assertActive(account);
				if (!session || !account || !isLive(session, account, new Date()))
					throw new Refusal("UNAUTHORIZED", "The session is over");
				await recordFirstUse(this, ctx, session, refreshHash);
				return { id: userId, roles: account.roles, sessionId };
			}
		},

		createAccount: {
			async handler(ctx) {
				const phone = requireMobile(ctx.params.phone);
				const { password } = ctx.params;
				assertAcceptablePassword(password, phone, "password");
				return call(ctx, "users.create", { phone, passwordHash: await hashPassword(password) });
			}
		},

		// Answers the same for every phone, so that only its owner learns whether it has an account.
		sendCode: {
			async handler(ctx) {
				const phone = requireMobile(ctx.params.phone);
				const { purpose } = ctx.params;
				await consumeSmsQuota(this, phone);
				const code = await issueCode(this, phone, purpose);
				await smsSender.send(ctx, { phone, text: formatCodeText(code), code, purpose });
				return { expiresIn: CODE_SECONDS, retryAfter: SMS_INTERVAL_SECONDS };
			}
		},
		register: {
			async handler(ctx) {
				const { smsCode, password, nickname } = ctx.params;
				const phone = requireMobile(ctx.params.phone);
				assertAcceptablePassword(password, phone, "password");
				if (!this.config.get("auth.openRegistration"))
					throw new Refusal("FORBIDDEN", "Registration is closed");
				await consumeCode(this, phone, "register", smsCode);
				const passwordHash = await hashPassword(password);
				const newcomer = { phone, passwordHash, ...(nickname !== undefined && { nickname }) };
				return startSession(this, ctx, await call(ctx, "users.create", newcomer));
			}
		},
		login: {
			async handler(ctx) {
				const phone = requireMobile(ctx.params.phone);
				const account = await withLockout(this, phone, () =>
					verifyCredentials(ctx, phone, ctx.params.password)
				);
				return startSession(this, ctx, account);
			}
		},
		loginBySms: {
			async handler(ctx) {
				const phone = requireMobile(ctx.params.phone);
				await consumeCode(this, phone, "login", ctx.params.smsCode);
				return startSession(this, ctx, await findActiveAccount(ctx, phone));
			}
		},
		refresh: {
			handler(ctx) {
				return refreshSession(this, ctx, ctx.params.refreshToken);
			}
		},
		logout: {
			async handler(ctx) {
				const sessionId = parseSessionId(ctx.params.refreshToken);
				if (sessionId) await endSession(this, sessionId, "logout");
				return null;
			}
		},
		resetPassword: {
			async handler(ctx) {
				const { smsCode, password } = ctx.params;
				const phone = requireMobile(ctx.params.phone);
				assertAcceptablePassword(password, phone, "password");
				await consumeCode(this, phone, "reset", smsCode);
				const { id } = await findActiveAccount(ctx, phone);
				await call(ctx, "users.setPassword", { id, passwordHash: await hashPassword(password) });
				ctx.meta.provenId = id;
				await clearLockout(this, phone);
				return null;
			}
		},
		changePassword: {
			async handler(ctx) {
				const { oldPassword, newPassword } = ctx.params;
				const { phone, sessionId } = await requireSignedIn(ctx);
				assertAcceptablePassword(newPassword, phone, "newPassword");
				const { id, epoch } = await withLockout(this, phone, () =>
					verifyCredentials(ctx, phone, oldPassword)
				);
				const passwordHash = await hashPassword(newPassword);
				await keepSession(
					this,
					sessionId,
					await call(ctx, "users.setPassword", { id, passwordHash, epoch })
				);
				return null;
			}
		},
		changePhone: {
			async handler(ctx) {
				const phone = requireMobile(ctx.params.phone);
				const { id, epoch, sessionId } = await requireSignedIn(ctx);
				await consumeCode(this, phone, "bind", ctx.params.smsCode);
				await keepSession(this, sessionId, await call(ctx, "users.setPhone", { id, phone, epoch }));
				return call(ctx, "users.profile", { id });
			}
		}
	},

	// The sessions ended with the change of the account (`epoch`); marking them as ended may come late or twice.
	events: {
		async "user.disabled"(ctx) {
			await endOlderSessions(this, ctx.params);
		},
		async "user.roles_changed"(ctx) {
			await endOlderSessions(this, ctx.params);
		}
	}
});

function requireMobile(written: string): string {
	const phone = parseMobile(written);
	if (!phone) throw invalid("phone", "mobile");
	return phone;
}

/** The account of a phone and password. BAD_CREDENTIALS, as slow and in the same words, for a phone without an account. */
async function verifyCredentials(ctx: Ctx<unknown>, phone: string, password: string) {
	const credentials = await call(ctx, "users.credentials", { phone });
	const isRight = await verifyPassword(password, credentials?.passwordHash ?? null);
	if (!credentials || !isRight) throw new Refusal("BAD_CREDENTIALS", "Phone or password is wrong");
	return credentials;
}

/** The account of a phone whose owner has just proved to hold it by a code. */
async function findActiveAccount(ctx: Ctx<unknown>, phone: string) {
	const account = await call(ctx, "users.credentials", { phone });
	if (!account) throw new Refusal("BAD_CREDENTIALS", "The phone has no account");
	assertActive(account);
	return account;
}

async function requireSignedIn(ctx: Ctx<unknown>) {
	const { user } = ctx.meta;
	const account = user && (await call(ctx, "users.account", { id: user.id }));
	if (!user || !account) throw new Refusal("UNAUTHORIZED", "Nobody is signed in");
	return { ...account, sessionId: user.sessionId };
}
