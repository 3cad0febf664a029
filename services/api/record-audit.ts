import { logError } from "../../mixins/platform";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { truncate } from "../../schemas/values/text";

const SECRET_NAMES = /password|secret|token|code$/i;
const MAX_JSON_LENGTH = 2000;

/**
 * Records a request in the audit log. A failure is logged and not thrown: the change is done, and its missing entry is a
 * matter for the operators, not for the caller.
 */
export async function recordAudit(
	ctx: Ctx<unknown>,
	action: string,
	params: Readonly<Record<string, unknown>>,
	outcome: string
): Promise<void> {
	const { user, ip, provenId } = ctx.meta;
	const entry = {
		by: user?.id ?? provenId ?? null,
		roles: user?.roles.join(",") ?? null,
		action,
		params: withoutSecrets(params),
		outcome,
		ip: ip ?? null,
		requestId: ctx.requestID ?? null
	};
	await call(ctx, "audit.record", entry).catch((err: unknown) =>
		logError(ctx.broker.logger, "AUDIT_NOT_RECORDED", { err, action, requestId: ctx.requestID })
	);
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
