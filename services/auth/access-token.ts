import { createSecretKey } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { Refusal } from "../../schemas/errors";
import { settings } from "../../settings";
import type { Account } from "../../schemas/users.contract";

export const ACCESS_SECONDS = 900;
const ISSUER = "zjmall";
const AUDIENCE = "zjmall-api";
const TYPE = "at+jwt";
const ALGORITHM = "HS256";
/** How far the clocks of two nodes may be apart. */
const SKEW_SECONDS = 5;
const key = createSecretKey(Buffer.from(settings.jwtSecret));

/** `refreshHash` is of the refresh token that comes with it: its claim `ref` tells with which answer it was given. */
export const signAccess = ({ id, roles }: Account, sessionId: string, refreshHash: string): Promise<string> =>
	new SignJWT({ sid: sessionId, ref: refreshHash, roles })
		.setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
		.setIssuer(ISSUER)
		.setAudience(AUDIENCE)
		.setSubject(id)
		.setIssuedAt()
		.setExpirationTime(`${ACCESS_SECONDS}s`)
		.sign(key);

export type Claims = {
	readonly userId: string;
	readonly sessionId: string;
	readonly refreshHash: string | null;
};

/** Takes only what `signAccess` made: the header of a token never chooses how it is verified. */
export async function verifyAccess(token: string): Promise<Claims> {
	try {
		const { payload } = await jwtVerify(token, key, {
			algorithms: [ALGORITHM],
			issuer: ISSUER,
			audience: AUDIENCE,
			typ: TYPE,
			clockTolerance: SKEW_SECONDS,
			maxTokenAge: ACCESS_SECONDS,
			requiredClaims: ["exp", "sub", "sid"]
		});
		const { sub, sid, ref } = payload;
		const refreshHash = typeof ref === "string" ? ref : null;
		if (typeof sub === "string" && typeof sid === "string")
			return { userId: sub, sessionId: sid, refreshHash };
	} catch (err) {
		if (err instanceof errors.JWTExpired) throw new Refusal("TOKEN_EXPIRED", "The token is too old");
		if (!(err instanceof errors.JOSEError)) throw err;
	}
	throw new Refusal("UNAUTHORIZED", "The token is not one of ours");
}
