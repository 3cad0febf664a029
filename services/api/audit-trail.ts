import { logError } from "../../mixins/platform";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { AuditLimits } from "./audit-limits";
import { toRecordedParams } from "./recorded-params";
import type { Changes } from "./subject-changes";

const NONE: ReadonlySet<string> = new Set();

/** A request as the audit log keeps it. */
type Recorded = {
	readonly action: string;
	readonly params: Readonly<Record<string, unknown>>;
	/** Parameters that are secret beside those of the shop's contracts. */
	readonly secretNames?: ReadonlySet<string>;
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
	{ action, params, secretNames = NONE, outcome, changes = null }: Recorded
): Promise<void> {
	const { user, ip, provenId } = ctx.meta;
	await call(ctx, "audit.record", {
		by: user?.id ?? provenId ?? null,
		roles: user?.roles.join(",") ?? null,
		action,
		params: toRecordedParams(params, secretNames),
		outcome,
		ip: ip ?? null,
		requestId: ctx.requestID ?? null,
		changes
	});
}
