import { Errors } from "moleculer";
import { Refusal } from "../../schemas/errors/errors";
import type { Policy } from "../../schemas/kit/contract";
import type { Caller, Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { isSteppedUp } from "../../schemas/values/step-up";
import { settings } from "../../settings";
import { retryUntil } from "./deadline";

/** Half the request's time, so that a call that was sent to a process that died can be tried again. */
const ATTEMPT_MS = settings.requestTimeoutMs / 2;

/**
 * Puts the caller of a bearer token into `ctx.meta.user`, as the route's policy demands. Refuses with UNAUTHORIZED,
 * TOKEN_EXPIRED or ACCOUNT_DISABLED; with SERVICE_UNAVAILABLE after the deadline, when nothing of the request was begun.
 */
export async function authenticate(
	ctx: Ctx<unknown>,
	policy: Policy,
	authorization: string | undefined,
	deadline: number
): Promise<void> {
	if (policy === "public") return;
	const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
	if (!token) {
		if (policy === "guest" && authorization === undefined) return;
		throw new Refusal("UNAUTHORIZED", "A bearer token is needed");
	}
	try {
		ctx.meta.user = await retryUntil({ deadline, attemptMs: ATTEMPT_MS, repeatable: true }, options =>
			call(ctx, "auth.authenticate", { token }, options)
		);
	} catch (err) {
		if (!(err instanceof Errors.RequestTimeoutError)) throw err;
		throw new Refusal("SERVICE_UNAVAILABLE", "Authentication takes too long", { retryAfter: 1 });
	}
}

/** Why the route does not admit the caller: a missing role (`admin` may do all), second factor or recent proof; null if it does. */
export function findRefusal(
	user: Caller | null | undefined,
	policy: Policy,
	stepUp: boolean
): "FORBIDDEN" | "TOTP_SETUP_REQUIRED" | "STEP_UP_REQUIRED" | null {
	if (typeof policy !== "string") {
		if (!user?.roles.some(role => role === "admin" || policy.includes(role))) return "FORBIDDEN";
		if (user.needsTotp) return "TOTP_SETUP_REQUIRED";
	}
	return stepUp && !isSteppedUp(user ?? {}, new Date()) ? "STEP_UP_REQUIRED" : null;
}
