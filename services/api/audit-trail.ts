import { logError } from "../../mixins/platform";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { truncate } from "../../schemas/values/text";
import type { AuditLimits } from "./audit-limits";
import type { Changes } from "./subject-changes";

const SECRET_NAMES = /password|secret|token|code$/i;
const MAX_JSON_LENGTH = 2000;

/** A request as the audit log keeps it. */
type Recorded = {
	readonly action: string;
	readonly params: Readonly<Record<string, unknown>>;
	readonly outcome: string;
	readonly changes?: Changes | null;
};

/** Records requests in the audit log. */
export class AuditTrail {
	constructor(private readonly limits: AuditLimits) {}

	/**
	 * Records a request, unless its caller is no staff and has filled the log enough for this hour. A failure is logged and
	 * not thrown: the change is done, and its missing entry is a matter for the operators, not for the caller.
	 */
	async record(ctx: Ctx<unknown>, request: Recorded): Promise<void> {
		const { user, ip, provenId } = ctx.meta;
		const { action, outcome } = request;
		try {
			const admission = await this.limits.admit(user, provenId, ip ?? "unknown");
			if (admission === "none") return;
			await append(ctx, request);
			if (admission === "lastEntry")
				await append(ctx, {
					action: "audit.limit",
					params: { action },
					outcome: "TOO_MANY_REQUESTS"
				});
		} catch (err) {
			logError(ctx.broker.logger, "AUDIT_NOT_RECORDED", {
				err,
				action,
				outcome,
				requestId: ctx.requestID
			});
		}
	}
}

async function append(
	ctx: Ctx<unknown>,
	{ action, params, outcome, changes = null }: Recorded
): Promise<void> {
	const { user, ip, provenId } = ctx.meta;
	await call(ctx, "audit.record", {
		by: user?.id ?? provenId ?? null,
		roles: user?.roles.join(",") ?? null,
		action,
		params: withoutSecrets(params),
		outcome,
		ip: ip ?? null,
		requestId: ctx.requestID ?? null,
		changes
	});
}

const withoutSecrets = (params: Readonly<Record<string, unknown>>): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(params).map(([name, value]) => [
			name,
			SECRET_NAMES.test(name) ? "[hidden]" : truncateValue(value)
		])
	);

function truncateValue(value: unknown): unknown {
	const json = JSON.stringify(value);
	const truncated = truncate(json, MAX_JSON_LENGTH);
	return truncated === json ? value : `${truncated}…`;
}
