import { newId } from "../../schemas/values/new-id";
import { invalidFields, Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { NewShippingRule, ShippingRulePatch, ShippingRuleView } from "../../schemas/shipping.contract";
import {
	buildRuleUpdate,
	createRule,
	findDefaultId,
	findRuleFaults,
	toRuleView,
	type ShippingRule
} from "./rule.domain";
import type { ShippingContext } from "./shipping.context";

type Rules = Pick<ShippingContext, "rules">;
type Editing = Pick<ShippingContext, "rules" | "announceChange">;

/** Most rules that a shop has: every price is calculated with all of them at hand. */
const MAX_RULES = 200;

export const readRules = ({ rules }: Rules): Promise<ShippingRule[]> =>
	rules.find({}, { sort: { _id: 1 }, limit: MAX_RULES });

export async function addRule(context: Editing, given: NewShippingRule): Promise<ShippingRuleView> {
	const rule = createRule(newId(), given, new Date());
	refuseFaults(rule);
	if ((await context.rules.count({})) >= MAX_RULES)
		throw new Refusal("LIMIT_REACHED", "The shop has as many rules as it can have", {
			what: "shipping_rule",
			limit: MAX_RULES
		});
	await context.rules.insert(rule);
	return announceRule(context, rule);
}

export async function editRule(
	context: Editing,
	id: string,
	patch: ShippingRulePatch
): Promise<ShippingRuleView> {
	const changed = await context.rules.rewrite(id, rule => {
		const update = buildRuleUpdate(patch, rule, new Date());
		refuseFaults({ ...rule, ...update.$set });
		return { guard: { updatedAt: rule.updatedAt }, update };
	});
	return announceRule(context, changed);
}

/** The rule as staff see it, after the default rules before it have lost that place, and prices know of the change. */
async function announceRule(context: Editing, rule: ShippingRule): Promise<ShippingRuleView> {
	if (rule.defaultSince)
		await context.rules.changeMany(
			{ _id: { $ne: rule._id }, defaultSince: { $lt: rule.defaultSince } },
			{ $unset: { defaultSince: "" } }
		);
	context.announceChange("freight");
	return toRuleView(rule, findDefaultId(await readRules(context)));
}

export async function removeRule(context: Editing, ctx: Ctx<unknown>, id: string): Promise<void> {
	await context.rules.get(id);
	if (await call(ctx, "products.uses", { shippingRuleId: id }))
		throw new Refusal("IN_USE", "Products are sent by this rule", { id });
	await context.rules.remove({ _id: id });
	context.announceChange("freight");
}

function refuseFaults(rule: Pick<ShippingRule, "areas" | "notTo">): void {
	const faults = findRuleFaults(rule);
	if (faults.length) throw invalidFields(faults);
}
