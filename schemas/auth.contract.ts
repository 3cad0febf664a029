import { action, contract, event, id, list, nothing, obj, oneOf, str, ROLES } from "./kit";

export const auth = contract("auth", {
	/** Who a bearer token stands for; refuses with UNAUTHORIZED, TOKEN_EXPIRED or ACCOUNT_DISABLED. */
	authenticate: action({ token: str({ max: 4096 }) }, { repeatable: true }).returns(
		obj({ id: id(), roles: list(oneOf(...ROLES)), sessionId: id() })
	),
	logout: action({ refreshToken: str({ max: 256 }) })
		.returns(nothing)
		.rest("POST /auth/logout", "public", "End the session of a refresh token")
});

export const authEvents = { "user.signed_in": event({ userId: id(), sessionId: id() }) };
