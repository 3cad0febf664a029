import { isDeepStrictEqual } from "node:util";
import { setQuotaLimit } from "../../mixins/quotas";
import type { TemplatePatch } from "../../schemas/coupons.contract";
import { invalidFields, invalidState, Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { findFaults, FREE_FIELDS, patchTemplate, type Template } from "./coupon.domain";
import type { CouponsContext } from "./coupons.context";
import { withUses } from "./read-uses";

const FROZEN_FIELDS = [
	"type",
	"value",
	"maxDiscount",
	"threshold",
	"scope",
	"perUser",
	"claimFrom",
	"validFrom",
	"validTo",
	"validDays",
	"public",
	"audience"
] as const;

/** Refuses a template with faults of its fields, or a scope with ids that the catalogue does not know. */
async function checkTemplate(ctx: Ctx<unknown>, template: Template): Promise<void> {
	const { scope } = template;
	const faults = [...findFaults(template), ...(await call(ctx, "promotions.scopeFaults", { scope }))];
	if (faults.length) throw invalidFields(faults);
}

/** Stores a new template. */
export async function storeTemplate(
	context: CouponsContext,
	ctx: Ctx<unknown>,
	template: Template
): Promise<Template> {
	await checkTemplate(ctx, template);
	await setQuotaLimit(context, template._id, template.total);
	return context.templates.insert(template);
}

/** Changes a template; refuses with INVALID_STATE what would take something from those who claimed a coupon of it. */
export async function editTemplate(
	context: CouponsContext,
	ctx: Ctx<unknown>,
	{ id, ...patch }: TemplatePatch & { readonly id: string }
): Promise<Template> {
	const before = await context.templates.get(id);
	const after = patchTemplate(before, patch, new Date());
	const [claimed] = await withUses(context, [before], (_, used) => used);
	if (claimed && changesClaimedTerms(before, after)) throw claimedAlready(id);
	await checkTemplate(ctx, after);
	if ((await setQuotaLimit(context, id, after.total)) !== null) throw claimedAlready(id);
	const { _id, ...$set } = after;
	const stored = await context.templates.change({ _id, version: before.version }, { $set });
	if (!stored) throw new Refusal("VERSION_CONFLICT", "Someone else changed the template", { id });
	return stored;
}

/** Whether a change takes something from those who claimed, or from those who still may: other terms, or a lower total. */
const changesClaimedTerms = (before: Template, after: Template): boolean =>
	after.total < before.total ||
	FROZEN_FIELDS.some(field => !isDeepStrictEqual(before[field], after[field]));

const claimedAlready = (id: string) =>
	invalidState("Coupons of it were claimed", { id, state: "claimed", allowed: FREE_FIELDS });
