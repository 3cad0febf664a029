import { createHash, randomUUID } from "node:crypto";
import { Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { Answer } from "./envelope";
import { toErrorAnswer } from "./error-answer";

/** The value of an Idempotency-Key header, with or without quotes. Refuses with IDEMPOTENCY_KEY_REQUIRED. */
export function readIdempotencyKey(header: string | string[] | undefined): string {
	const key = typeof header === "string" ? header.replace(/^"(.*)"$/, "$1") : "";
	if (!/^[\x21-\x7e]{8,128}$/.test(key))
		throw new Refusal("IDEMPOTENCY_KEY_REQUIRED", "Idempotency-Key is missing or unfit");
	return key;
}

/**
 * Runs a keyed request once for each `params.key` of a caller and an action. A repetition with the same content gets the
 * first answer until the claim expires; IDEMPOTENCY_IN_PROGRESS while the first request runs; IDEMPOTENCY_KEY_REUSED for
 * other content.
 */
export async function runOnce(
	ctx: Ctx<unknown>,
	action: string,
	params: Readonly<Record<string, unknown>>,
	run: () => Promise<Answer>
): Promise<Answer> {
	const { key, ...content } = params;
	const scope = { userId: ctx.meta.user?.id ?? "anonymous", route: action, key: String(key) };
	const claimId = randomUUID();
	const claim = await call(ctx, "idempotency.claim", {
		...scope,
		fingerprint: hashCanonicalContent(content),
		claimId
	});
	if (claim.verdict === "running")
		throw new Refusal("IDEMPOTENCY_IN_PROGRESS", "The first request still runs");
	if (claim.verdict === "reused")
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key came with another request");
	if (claim.verdict === "replay") return replayAnswer(claim.status, claim.body);
	try {
		const { headers, ...answer } = await run();
		await call(ctx, "idempotency.complete", { claimId, status: answer.status, body: answer });
		return { ...answer, ...(headers && { headers }) };
	} catch (err) {
		const { status, code, data } = toErrorAnswer(err, "en", action);
		// A refusal by the shop's rules is the answer of the key. After any other error a repetition may end differently.
		if (status === 404 || (status === 409 && code !== "IDEMPOTENCY_IN_PROGRESS"))
			await call(ctx, "idempotency.complete", { claimId, status, body: { status, code, data } });
		else await call(ctx, "idempotency.release", { claimId, unknown: status >= 500 || status === 409 });
		throw err;
	}
}

function replayAnswer(status: number | undefined, body: unknown): Answer {
	const { code, data } = body as Answer; // as `idempotency.complete` stored it
	return { status: status ?? 200, code, data, headers: { "Idempotency-Replayed": "true" } };
}

/** The hash of content whatever the order of its keys, at any depth. It is stored with the claim, so it must not change. */
const hashCanonicalContent = (content: unknown): string =>
	createHash("sha256").update(toCanonicalJson(content)).digest("base64url");

/** JSON with sorted keys, so that equal content has equal text. */
function toCanonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
	return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${toCanonicalJson(v)}`).join(",")}}`;
}
