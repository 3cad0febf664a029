import { configMixin } from "../../mixins/config.mixin";
import { keyValueMixin } from "../../mixins/key-value.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin, type Store } from "../../mixins/store.mixin";
import { auth } from "../../schemas/auth.contract";
import { invalid, Refusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import { mobileOf } from "../../schemas/phone";
import { call, service } from "../../schemas/registry";
import { verifyAccess } from "./access.token";
import { CODE_SECONDS, PAUSE_SECONDS } from "./code.domain";
import { makeCode, takeSending, useCode } from "./codes";
import { limited, unlock } from "./lockout";
import { vet } from "./password.domain";
import { hashed, matches } from "./passwords";
import { sessionIdOf } from "./refresh.token";
import { KEPT_MS, lives, type Session } from "./session.domain";
import { carryOver, end, endBefore, mustBeActive, noteUse, open, rotate } from "./sessions";
import { codeText, smsSender } from "./sms.sender";

/** Owns who is signed in, and how one proves to be who one is. Accounts belong to `users`. */
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
		scheduleMixin<{ sessions: Store<Session> }>({
			name: "remove sessions that are over",
			every: "housekeeping.sweepEvery",
			async run() {
				await this.sessions.remove({ expiresAt: { $lt: new Date(Date.now() - KEPT_MS) } });
			}
		})
	],

	actions: {
		authenticate: {
			async handler(ctx) {
				const { userId, sessionId, refreshHash } = await verifyAccess(ctx.params.token);
				const [session, account] = await Promise.all([
					this.sessions.findOne({ _id: sessionId }),
					call(ctx, "users.standing", { id: userId })
				]);
				if (account) mustBeActive(account);
				if (!session || !account || !lives(session, account, new Date()))
					throw new Refusal("UNAUTHORIZED", "The session is over");
				await noteUse(this, ctx, session, refreshHash);
				return { id: userId, roles: account.roles, sessionId };
			}
		},

		// Answers the same for every phone: whether it has an account is told to whoever has the code.
		sendCode: {
			async handler(ctx) {
				const phone = mobile(ctx.params.phone);
				const { purpose } = ctx.params;
				await takeSending(this, phone);
				const code = await makeCode(this, phone, purpose);
				await smsSender.send(ctx, { phone, text: codeText(code), code, purpose });
				return { expiresIn: CODE_SECONDS, retryAfter: PAUSE_SECONDS };
			}
		},
		register: {
			async handler(ctx) {
				const { smsCode, password, nickname } = ctx.params;
				const phone = mobile(ctx.params.phone);
				vet(password, phone, "password");
				if (!this.config.get("auth.openRegistration"))
					throw new Refusal("FORBIDDEN", "Registration is closed");
				await useCode(this, phone, "register", smsCode);
				const passwordHash = await hashed(password);
				const newcomer = { phone, passwordHash, ...(nickname !== undefined && { nickname }) };
				return open(this, ctx, await call(ctx, "users.create", newcomer));
			}
		},
		login: {
			async handler(ctx) {
				const phone = mobile(ctx.params.phone);
				const account = await limited(this, phone, () => verified(ctx, phone, ctx.params.password));
				return open(this, ctx, account);
			}
		},
		loginBySms: {
			async handler(ctx) {
				const phone = mobile(ctx.params.phone);
				await useCode(this, phone, "login", ctx.params.smsCode);
				return open(this, ctx, await accountOf(ctx, phone));
			}
		},
		refresh: {
			handler(ctx) {
				return rotate(this, ctx, ctx.params.refreshToken);
			}
		},
		logout: {
			async handler(ctx) {
				const sessionId = sessionIdOf(ctx.params.refreshToken);
				if (sessionId) await end(this, sessionId, "logout");
				return null;
			}
		},
		resetPassword: {
			async handler(ctx) {
				const { smsCode, password } = ctx.params;
				const phone = mobile(ctx.params.phone);
				vet(password, phone, "password");
				await useCode(this, phone, "reset", smsCode);
				const { id } = await accountOf(ctx, phone);
				await call(ctx, "users.setPassword", { id, passwordHash: await hashed(password) });
				ctx.meta.provenId = id;
				await unlock(this, phone);
				return null;
			}
		},
		changePassword: {
			async handler(ctx) {
				const { oldPassword, newPassword } = ctx.params;
				const { phone, sessionId } = await me(ctx);
				vet(newPassword, phone, "newPassword");
				const { id, epoch } = await limited(this, phone, () => verified(ctx, phone, oldPassword));
				const passwordHash = await hashed(newPassword);
				await carryOver(
					this,
					sessionId,
					await call(ctx, "users.setPassword", { id, passwordHash, epoch })
				);
				return null;
			}
		},
		changePhone: {
			async handler(ctx) {
				const phone = mobile(ctx.params.phone);
				const { id, epoch, sessionId } = await me(ctx);
				await useCode(this, phone, "bind", ctx.params.smsCode);
				await carryOver(this, sessionId, await call(ctx, "users.setPhone", { id, phone, epoch }));
				return call(ctx, "users.profile", { id });
			}
		}
	},

	// Their sessions ended with the change itself (`epoch`): this only tidies up, and may come late or twice.
	events: {
		async "user.disabled"(ctx) {
			await endBefore(this, ctx.params);
		},
		async "user.roles_changed"(ctx) {
			await endBefore(this, ctx.params);
		}
	}
});

function mobile(written: string): string {
	const phone = mobileOf(written);
	if (!phone) throw invalid("phone", "mobile");
	return phone;
}

/** The account of phone and password; BAD_CREDENTIALS, as slowly and in the same words, when there is none. */
async function verified(ctx: Ctx<unknown>, phone: string, password: string) {
	const credentials = await call(ctx, "users.credentials", { phone });
	const right = await matches(password, credentials?.passwordHash ?? null);
	if (!credentials || !right) throw new Refusal("BAD_CREDENTIALS", "Phone or password is wrong");
	return credentials;
}

/** The account of a phone, for whoever has just proved to hold the phone. */
async function accountOf(ctx: Ctx<unknown>, phone: string) {
	const account = await call(ctx, "users.credentials", { phone });
	if (!account) throw new Refusal("BAD_CREDENTIALS", "The phone has no account");
	mustBeActive(account);
	return account;
}

async function me(ctx: Ctx<unknown>) {
	const { user } = ctx.meta;
	const account = user && (await call(ctx, "users.standing", { id: user.id }));
	if (!user || !account) throw new Refusal("UNAUTHORIZED", "Nobody is signed in");
	return { ...account, sessionId: user.sessionId };
}
