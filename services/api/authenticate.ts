import { Errors } from "moleculer";
import { Refusal } from "../../schemas/errors/errors";
import type { Policy, Role } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
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

/** Whether the caller has a role that the policy names; `admin` may do all. */
export function isAllowed({ meta }: Ctx<unknown>, policy: Policy): boolean {
	if (typeof policy === "string") return true;
	const isEnough = (role: Role) => role === "admin" || policy.includes(role);
	return meta.user?.roles.some(isEnough) ?? false;
}
