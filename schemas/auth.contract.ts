import { action, contract, event, ROLES } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { phoneNumber } from "./kit/text-rules";
import { SMS_PURPOSES } from "./values/sms-kinds";
import { account, nickname, profile } from "./users.contract";

const phone = phoneNumber({ about: "a mainland mobile number" });
const smsCode = r.secret(r.str({ max: 6, pattern: /^\d{6}$/, about: "6 digits" }));
/** A new password by its length; the domain refuses common ones. */
const newPassword = r.secret(
	r.str({ min: 1, max: 128, about: "8 to 128 characters after NFKC normalisation, 15 of staff" })
);
const password = r.secret(r.str({ max: 128 }));
const refreshToken = r.secret(r.str({ max: 256 }));
const totpCode = r.secret(
	r.str({
		max: 32,
		pattern: /^[A-Za-z0-9 -]+$/,
		about: "6 digits of the authenticator app, or a recovery code"
	})
);
const secondFactor = { totpCode: r.opt(totpCode) };

const purpose = r.oneOf(...SMS_PURPOSES);

const session = r.obj("Session", {
	accessToken: r.secret(r.str()),
	refreshToken: r.secret(r.str()),
	/** Lifetime of the access token, seconds. */
	expiresIn: r.int({ min: 1 }),
	user: profile,
	/**
	 * Of a log-in: names the device. Sent with later log-ins, wrong passwords of others no longer lock this device out.
	 */
	deviceToken: r.secret(r.opt(r.str()))
});
export type SessionView = r.TypeOf<typeof session>;

const sessionInfo = r.obj("SessionInfo", {
	id: r.id(),
	/** The User-Agent of the log-in. */
	device: r.personal(r.orNull(r.str())),
	ip: r.personal(r.orNull(r.str())),
	createdAt: r.time(),
	lastSeenAt: r.time(),
	/** Whether this is the session of the request. */
	current: r.bool()
});
export type SessionInfo = r.TypeOf<typeof sessionInfo>;

export const auth = contract("auth", {
	/** The user of an access token. Refuses with UNAUTHORIZED, TOKEN_EXPIRED or ACCOUNT_DISABLED. */
	authenticate: action({ token: r.secret(r.str({ max: 65_536 })) }, { repeatable: true }).returns(
		r.obj({
			id: r.id(),
			roles: r.list(r.oneOf(...ROLES)),
			sessionId: r.id(),
			stepUpUntil: r.opt(r.time()),
			needsTotp: r.opt(r.bool())
		})
	),

	/** Of these sessions those that are over. */
	findEndedSessions: action({ sessionIds: r.list(r.id(), { max: 500 }) }, { repeatable: true }).returns(
		r.list(r.id())
	),

	/** Opens an account without a code, for operators (`npm run grant -- --create`). Refuses with DUPLICATE. */
	createAccount: action({ phone, password: newPassword, isStaff: r.bool() }).returns(account),

	...personalDataActions,

	sendCode: action({ phone, purpose })
		.returns(r.obj({ expiresIn: r.int({ min: 1 }), retryAfter: r.int({ min: 0 }) }))
		.rest("POST /auth/sms-codes", "public", "Send a one-time code to a phone", {
			errors: ["TOO_MANY_REQUESTS", "NOT_CONFIGURED", "SERVICE_UNAVAILABLE"]
		}),
	register: action({ phone, smsCode, password: newPassword, nickname: r.opt(nickname) })
		.returns(session)
		.rest("POST /auth/register", "public", "Open an account and sign in", {
			status: 201,
			audited: true,
			errors: ["SMS_CODE_INVALID", "DUPLICATE", "FORBIDDEN"]
		}),
	/** While wrong passwords lock the phone, the right one together with a one-time code (`login`) still gets in. */
	login: action({
		phone,
		password,
		smsCode: r.opt(smsCode),
		deviceToken: r.secret(r.opt(r.str({ max: 128, pattern: /^[\w.-]+$/ }))),
		...secondFactor
	})
		.returns(session)
		.rest("POST /auth/login", "public", "Sign in by password", {
			audited: true,
			errors: [
				"BAD_CREDENTIALS",
				"SMS_CODE_INVALID",
				"TOTP_REQUIRED",
				"ACCOUNT_DISABLED",
				"TOO_MANY_REQUESTS"
			]
		}),
	/** With TOTP_REQUIRED the one-time code stays valid, so that it can be sent again together with `totpCode`. */
	loginBySms: action({ phone, smsCode, ...secondFactor })
		.returns(session)
		.rest("POST /auth/login-by-sms", "public", "Sign in by a one-time code", {
			audited: true,
			errors: ["SMS_CODE_INVALID", "BAD_CREDENTIALS", "TOTP_REQUIRED", "ACCOUNT_DISABLED"]
		}),
	/**
	 * A token is valid once: reuse of a spent token is taken for theft and ends the session. `auth.refreshRetrySeconds` lets a
	 * client that lost the answer send the token again within that time, as long as the lost tokens were not used.
	 */
	refresh: action({ refreshToken })
		.returns(session)
		.rest("POST /auth/refresh", "public", "Go on with a session, by new tokens", {
			errors: ["UNAUTHORIZED", "ACCOUNT_DISABLED"]
		}),
	logout: action({ refreshToken })
		.returns(r.nothing)
		.rest("POST /auth/logout", "public", "End the session of a refresh token"),
	resetPassword: action({ phone, smsCode, password: newPassword })
		.returns(r.nothing)
		.rest("POST /auth/reset-password", "public", "Set a forgotten password anew; ends all sessions", {
			audited: true,
			errors: ["SMS_CODE_INVALID", "BAD_CREDENTIALS", "ACCOUNT_DISABLED"]
		}),
	/** Without `oldPassword` the session needs a recent proof of identity, as for a step-up. */
	changePassword: action({ oldPassword: r.opt(password), newPassword })
		.returns(r.nothing)
		.rest("PUT /me/password", "user", "Change one's own password; ends the other sessions", {
			audited: true,
			errors: ["BAD_CREDENTIALS", "STEP_UP_REQUIRED", "TOO_MANY_REQUESTS", "VERSION_CONFLICT"]
		}),
	changePhone: action({ phone, smsCode })
		.returns(profile)
		.rest("PUT /me/phone", "user", "Move to another phone; ends the other sessions", {
			audited: true,
			stepUp: true,
			errors: ["SMS_CODE_INVALID", "DUPLICATE", "VERSION_CONFLICT"]
		}),

	sessions: action({})
		.returns(r.list(sessionInfo))
		.rest("GET /me/sessions", "user", "One's own sessions, the latest used first"),
	endSession: action({ id: r.id() })
		.returns(r.nothing)
		.rest("DELETE /me/sessions/:id", "user", "End one of the own sessions", {
			audited: true,
			errors: ["NOT_FOUND"]
		}),
	endOtherSessions: action({}, { repeatable: true })
		.returns(r.nothing)
		.rest("DELETE /me/sessions", "user", "End all own sessions but this one", { audited: true }),

	beginTotp: action({})
		.returns(r.obj({ secret: r.secret(r.str()), otpauthUrl: r.secret(r.str()) }))
		.rest("POST /me/totp", "user", "Begin to set up an authenticator app (TOTP, RFC 6238)", {
			audited: true,
			stepUp: true,
			errors: ["INVALID_STATE"]
		}),
	/** The recovery codes are shown here only. Each is good once in place of a `totpCode`. */
	confirmTotp: action({ code: totpCode })
		.returns(r.obj({ recoveryCodes: r.secret(r.list(r.str())) }))
		.rest("POST /me/totp/confirm", "user", "Turn the second factor on, by a code of the app", {
			audited: true,
			stepUp: true,
			errors: ["BAD_CREDENTIALS", "INVALID_STATE", "TOO_MANY_REQUESTS"]
		}),
	removeTotp: action({ password, code: totpCode })
		.returns(r.nothing)
		.rest("DELETE /me/totp", "user", "Turn the second factor off", {
			hasBody: true,
			audited: true,
			stepUp: true,
			errors: ["BAD_CREDENTIALS", "INVALID_STATE", "TOO_MANY_REQUESTS"]
		}),
	/** The phone is free for a new account afterwards. */
	close: action({ password, smsCode })
		.returns(r.nothing)
		.rest("POST /me/close", "user", "Close one's own account and erase what is personal in it", {
			audited: true,
			errors: [
				"BAD_CREDENTIALS",
				"SMS_CODE_INVALID",
				"INVALID_STATE",
				"LAST_ONE",
				"VERSION_CONFLICT",
				"TOO_MANY_REQUESTS"
			]
		}),
	stepUp: action({ password: r.opt(password), smsCode: r.opt(smsCode), totpCode: r.opt(totpCode) })
		.returns(r.obj({ until: r.time() }))
		.rest("POST /me/step-up", "user", "Prove again who uses the session, by one of three proofs", {
			audited: true,
			errors: ["BAD_CREDENTIALS", "SMS_CODE_INVALID", "TOO_MANY_REQUESTS"]
		})
});

export const authEvents = {
	"user.signed_in": event({ userId: r.id(), sessionId: r.id() }).means("A user signed in: a new session")
};
