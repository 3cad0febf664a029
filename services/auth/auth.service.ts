import { configMixin } from "../../mixins/config.mixin";
import { keyValueMixin } from "../../mixins/key-value.mixin";
import { metricsMixin } from "../../mixins/metrics.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { auth } from "../../schemas/auth.contract";
import { invalid, invalidState, Refusal } from "../../schemas/errors/errors";
import { maskPhone } from "../../schemas/values/phone";
import { call, service } from "../../schemas/registry";
import { verifyAccessToken } from "./access-token";
import type { AuthContext } from "./auth.context";
import { AUTH_METRICS } from "./auth.metrics";
import { changePhone } from "./change-phone";
import { isStaff, requireMobile, requireSignedIn, verifyOwnPassword } from "./credentials";
import { hashPassword } from "./hash-password";
import { logIn, logInBySms } from "./log-in";
import { consumeAddressQuota } from "./login-throttle";
import { CODE_SECONDS, SMS_INTERVAL_SECONDS } from "./one-time-code.domain";
import { consumeCode, issueCode, withCode } from "./one-time-codes";
import { assertAcceptablePassword } from "./password.domain";
import { recordFirstUse, refreshSession } from "./refresh-session";
import { parseSessionId } from "./refresh-token";
import {
	beginEnrolment,
	confirmEnrolment,
	findEnrolment,
	removeEnrolment,
	resealEnrolments,
	useCode
} from "./second-factor";
import {
	assertActive,
	computeStepUpEnd,
	isLive,
	RETENTION_MS,
	toSessionInfo,
	type Session
} from "./session.domain";
import {
	endOlderSessions,
	endOtherSessions,
	endOwnSession,
	endSession,
	findEndedSessions,
	listSessions,
	listStoredSessions,
	recordLastSeen,
	recordStepUp,
	startSession
} from "./sessions";
import { consumeSmsBudget, consumeSmsQuota, consumeStrangersBudget } from "./sms/sms-budgets";
import { assertSmsIsConfigured, formatCodeText, sendSms } from "./sms/send-sms";
import { changePassword, resetPassword } from "./set-password";
import type { TotpEnrolment } from "./totp.domain";

/** Owns sessions, one-time codes and the checks of credentials. Accounts belong to `users`. */
export default service(auth, {
	dependencies: ["users"],
	mixins: [
		storeMixin({
			sessions: collection<Session>("auth_sessions", [
				{ keys: { userId: 1, epoch: 1 } },
				{ keys: { expiresAt: 1 } }
			]),
			enrolments: collection<TotpEnrolment>("auth_totp", [{ keys: { sealedUnder: 1 } }])
		}),
		keyValueMixin,
		configMixin,
		metricsMixin(AUTH_METRICS),
		scheduleMixin<AuthContext>(
			{
				name: "remove ended sessions",
				every: "housekeeping.sweepEvery",
				async run() {
					await this.sessions.remove({ expiresAt: { $lt: new Date(Date.now() - RETENTION_MS) } });
				}
			},
			{
				name: "encrypt second factors under the current secret",
				every: "housekeeping.sweepEvery",
				async run() {
					await resealEnrolments(this);
				}
			}
		)
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
				await recordLastSeen(this, ctx, session);
				const needsTotp =
					this.config.get("security.staffTotp") &&
					isStaff(account) &&
					!(await findEnrolment(this, userId));
				const stepUpUntil = computeStepUpEnd(session).toISOString();
				return { id: userId, roles: account.roles, sessionId, stepUpUntil, needsTotp };
			}
		},

		findEndedSessions: {
			async handler({ params: { sessionIds } }) {
				return findEndedSessions(this, sessionIds);
			}
		},

		createAccount: {
			async handler(ctx) {
				const phone = requireMobile(ctx.params.phone);
				const { password, isStaff } = ctx.params;
				assertAcceptablePassword(password, { phone, isStaff }, "password");
				return call(ctx, "users.create", { phone, passwordHash: await hashPassword(password) });
			}
		},

		// Answers the same for every phone, so that only its owner learns whether it has an account.
		sendCode: {
			async handler(ctx) {
				const phone = requireMobile(ctx.params.phone);
				const { purpose } = ctx.params;
				assertSmsIsConfigured();
				await consumeAddressQuota(this, ctx);
				await consumeSmsQuota(this, phone);
				const answer = { expiresIn: CODE_SECONDS, retryAfter: SMS_INTERVAL_SECONDS };
				if (!(await consumeStrangersBudget(this, ctx, phone, purpose))) return answer;
				await consumeSmsBudget(this);
				const code = await issueCode(this, phone, purpose);
				await sendSms(this, ctx, { phone, kind: purpose, text: formatCodeText(code), code });
				return answer;
			}
		},
		register: {
			async handler(ctx) {
				const { smsCode, password, nickname } = ctx.params;
				const phone = requireMobile(ctx.params.phone);
				assertAcceptablePassword(password, { phone, nickname }, "password");
				if (!this.config.get("auth.openRegistration"))
					throw new Refusal("FORBIDDEN", "Registration is closed");
				await consumeCode(this, phone, "register", smsCode);
				const passwordHash = await hashPassword(password);
				const newcomer = { phone, passwordHash, ...(nickname !== undefined && { nickname }) };
				return startSession(this, ctx, await call(ctx, "users.create", newcomer));
			}
		},
		login: {
			handler(ctx) {
				return logIn(this, ctx, ctx.params);
			}
		},
		loginBySms: {
			handler(ctx) {
				return logInBySms(this, ctx, ctx.params);
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
				await resetPassword(this, ctx, ctx.params);
				return null;
			}
		},
		changePassword: {
			async handler(ctx) {
				await changePassword(this, ctx, ctx.params);
				return null;
			}
		},
		changePhone: {
			async handler(ctx) {
				return changePhone(this, ctx, ctx.params);
			}
		},

		sessions: {
			async handler(ctx) {
				const account = await requireSignedIn(ctx);
				const live = await listSessions(this, account);
				return live.map(session => toSessionInfo(session, account.sessionId));
			}
		},
		endSession: {
			async handler(ctx) {
				const { id } = await requireSignedIn(ctx);
				await endOwnSession(this, id, ctx.params.id);
				return null;
			}
		},
		endOtherSessions: {
			async handler(ctx) {
				const { id, sessionId } = await requireSignedIn(ctx);
				await endOtherSessions(this, id, sessionId);
				return null;
			}
		},

		beginTotp: {
			async handler(ctx) {
				const { id, phone } = await requireSignedIn(ctx);
				return beginEnrolment(this, id, maskPhone(phone));
			}
		},
		confirmTotp: {
			async handler(ctx) {
				const { id } = await requireSignedIn(ctx);
				return { recoveryCodes: await confirmEnrolment(this, id, ctx.params.code) };
			}
		},
		removeTotp: {
			async handler(ctx) {
				const account = await requireSignedIn(ctx);
				if (!(await findEnrolment(this, account.id)))
					throw invalidState("There is no second factor", { state: "off", allowed: ["on"] });
				await verifyOwnPassword(this, ctx, account, ctx.params.password);
				await useCode(this, account.id, ctx.params.code);
				await removeEnrolment(this, account.id);
				return null;
			}
		},
		close: {
			async handler(ctx) {
				const { password, smsCode } = ctx.params;
				const account = await requireSignedIn(ctx);
				const { id, epoch, phone } = account;
				await verifyOwnPassword(this, ctx, account, password);
				await withCode(this, { phone, purpose: "close", digits: smsCode }, () =>
					call(ctx, "users.close", { id, epoch })
				);
				return null;
			}
		},
		exportPersonalData: {
			async handler(ctx) {
				const { userId } = ctx.params;
				const [sessions, enrolment] = await Promise.all([
					listStoredSessions(this, userId),
					findEnrolment(this, userId)
				]);
				return {
					sessions: sessions.map(session => toSessionInfo(session, ctx.meta.user?.sessionId ?? "")),
					secondFactorSince: enrolment?.confirmedAt?.toISOString() ?? null
				};
			}
		},
		stepUp: {
			async handler(ctx) {
				const { password, smsCode, totpCode } = ctx.params;
				const account = await requireSignedIn(ctx);
				if ([password, smsCode, totpCode].filter(proof => proof !== undefined).length !== 1)
					throw invalid("password", "oneProof");
				if (password !== undefined) await verifyOwnPassword(this, ctx, account, password);
				if (smsCode !== undefined) await consumeCode(this, account.phone, "step_up", smsCode);
				if (totpCode !== undefined) await useCode(this, account.id, totpCode);
				return { until: (await recordStepUp(this, account.sessionId)).toISOString() };
			}
		}
	},

	// The sessions ended with the change of the account (`epoch`); marking them as ended may come late or twice.
	events: {
		async "user.disabled"(ctx) {
			await endOlderSessions(this, ctx.params);
		},
		async "user.closed"(ctx) {
			const { userId } = ctx.params;
			await this.sessions.remove({ userId });
			await removeEnrolment(this, userId);
		},
		async "user.roles_changed"(ctx) {
			await endOlderSessions(this, ctx.params);
		}
	}
});
