import type { RefusalType } from "../../../schemas/errors/error-codes";
import type { Lang } from "../../../schemas/errors/messages";
import { EVENT_ROUTES } from "../live-events/event-routes";
import { API_BASE } from "../../../schemas/kit/contract";
import { describeRefusals } from "./error-responses";
import type { Shared } from "./operation";
import { chooseSummary } from "./summaries";

const EVENT_STREAM = {
	schema: {
		type: "string",
		description: "`id:` the fact's id, `event:` its name, `data:` its payload (AsyncAPI)"
	}
};

const LAST_ID = { name: "Last-Event-ID", in: "header", required: false, schema: { type: "string" } };
const TOPIC = {
	name: "topic",
	in: "query",
	required: false,
	description: "`order.paid`, `order.*` or `*`; several are separated by commas",
	schema: { type: "string" }
};

/** The streams of live events, which are no actions, by their paths. */
export function describeEventRoutes({ lang, responses }: Shared): Record<string, object> {
	const entries = EVENT_ROUTES.map(route => [
		API_BASE + route.path,
		{ get: describe(route, lang, responses) }
	]);
	return Object.fromEntries(entries) as Record<string, object>;
}

function describe(
	{ policy, about, takesTopics }: (typeof EVENT_ROUTES)[number],
	lang: Lang,
	responses: Map<string, object>
): object {
	const refusals: RefusalType[] = ["UNAUTHORIZED", "TOKEN_EXPIRED", "ACCOUNT_DISABLED"];
	if (takesTopics) refusals.push("VALIDATION_ERROR", "FORBIDDEN", "TOTP_SETUP_REQUIRED");
	const operationId = takesTopics ? "events_followAll" : "events_followOwn";
	return {
		operationId,
		tags: ["events"],
		summary: chooseSummary(operationId.replace("_", "."), about, lang),
		security: [{ bearer: [] }],
		...(typeof policy !== "string" && { description: `Roles: ${policy.join(", ")}` }),
		parameters: takesTopics ? [TOPIC, LAST_ID] : [LAST_ID],
		responses: {
			200: { description: "An endless stream", content: { "text/event-stream": EVENT_STREAM } },
			...describeRefusals(refusals, responses)
		}
	};
}
