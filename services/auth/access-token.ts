import { createSecretKey } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { ACCEPTED_SECRETS, CURRENT_SECRET, type Secret } from "../../mixins/platform";
import { Refusal } from "../../schemas/errors/errors";
import type { Account } from "../../schemas/users.contract";

export const ACCESS_SECONDS = 900;
const ISSUER = "zjmall";
const AUDIENCE = "zjmall-api";
/** RFC 9068. */
const TYPE = "at+jwt";
const ALGORITHM = "HS256";
/** Tolerance for clocks of nodes that differ, in the check of `exp` and `iat`. */
const CLOCK_TOLERANCE_SECONDS = 5;
const toKey = ({ text }: Secret) => createSecretKey(Buffer.from(text));
const signingKey = toKey(CURRENT_SECRET);
const keysById = new Map(ACCEPTED_SECRETS.map(secret => [secret.id, toKey(secret)]));

/** The key that the token names by `kid`, among the shop's own; a token that names none is checked by the current key. */
function findKey({ kid }: { readonly kid?: string }) {
	const key = kid === undefined ? signingKey : keysById.get(kid);
	if (!key) throw new errors.JWSInvalid("No such key");
	return key;
}

/** Signs an access token. `refreshHash` is the hash of the refresh token of the same answer; it becomes the claim `ref`. */
export const signAccessToken = (
	{ id, roles }: Account,
	sessionId: string,
	refreshHash: string
): Promise<string> =>
	new SignJWT({ sid: sessionId, ref: refreshHash, roles })
		.setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: CURRENT_SECRET.id })
		.setIssuer(ISSUER)
		.setAudience(AUDIENCE)
		.setSubject(id)
		.setIssuedAt()
		.setExpirationTime(`${ACCESS_SECONDS}s`)
		.sign(signingKey);

export type Claims = {
	readonly userId: string;
	readonly sessionId: string;
	readonly refreshHash: string | null;
};

/** Claims of verified tokens, oldest first: a signature has to be checked once. Only the expiry changes with time. */
const verified = new Map<string, Claims & { readonly expiresAtMs: number }>();
const MAX_VERIFIED = 10_000;

/**
 * Verifies an access token of `signAccessToken`. The algorithm is fixed here: a token's header never chooses it. Refuses with
 * UNAUTHORIZED or TOKEN_EXPIRED.
 */
export async function verifyAccessToken(token: string): Promise<Claims> {
	const known = verified.get(token);
	if (known && Date.now() < known.expiresAtMs) return known;
	verified.delete(token);
	try {
		const { payload } = await jwtVerify(token, findKey, {
			algorithms: [ALGORITHM],
			issuer: ISSUER,
			audience: AUDIENCE,
			typ: TYPE,
			clockTolerance: CLOCK_TOLERANCE_SECONDS,
			maxTokenAge: ACCESS_SECONDS,
			requiredClaims: ["exp", "sub", "sid"]
		});
		const { sub, sid, ref, exp = 0 } = payload;
		const refreshHash = typeof ref === "string" ? ref : null;
		if (typeof sub === "string" && typeof sid === "string") {
			const claims = { userId: sub, sessionId: sid, refreshHash, expiresAtMs: exp * 1000 };
			verified.set(token, claims);
			for (const oldest of verified.keys()) {
				if (verified.size <= MAX_VERIFIED) break;
				verified.delete(oldest);
			}
			return claims;
		}
	} catch (err) {
		if (err instanceof errors.JWTExpired) throw new Refusal("TOKEN_EXPIRED", "The token is too old");
		if (!(err instanceof errors.JOSEError)) throw err;
	}
	throw new Refusal("UNAUTHORIZED", "The token is not valid");
}
