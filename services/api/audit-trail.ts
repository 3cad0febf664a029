import { logError } from "../../mixins/platform";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { isSecret } from "../../schemas/sensitive-fields";
import { truncate } from "../../schemas/values/text";
import type { AuditLimits } from "./audit-limits";
import { HIDDEN } from "./own-secrets";
import type { Changes } from "./subject-changes";

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
		Object.entries(params).map(([name, value]) => [name, isSecret(name) ? HIDDEN : truncateValue(value)])
	);

/** The value, or the beginning of its JSON where that is long. Looks at no more of a value than it keeps. */
function truncateValue(value: unknown): unknown {
	const room = { left: MAX_JSON_LENGTH };
	const kept = takeBeginning(value, room);
	const json = JSON.stringify(kept);
	return room.left > 0 && json.length <= MAX_JSON_LENGTH ? value : `${truncate(json, MAX_JSON_LENGTH)}…`;
}

/** Copies a value as long as there is room for characters of texts and names and for values. */
function takeBeginning(value: unknown, room: { left: number }): unknown {
	room.left -= typeof value === "string" ? value.length : 1;
	if (typeof value === "string") return value.slice(0, MAX_JSON_LENGTH);
	if (typeof value !== "object" || value === null) return value;
	const kept: [string, unknown][] = [];
	for (const name in value) {
		if (room.left <= 0) break;
		room.left -= name.length;
		const inner = (value as Record<string, unknown>)[name];
		kept.push([name, isSecret(name) ? HIDDEN : takeBeginning(inner, room)]);
	}
	return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
}
