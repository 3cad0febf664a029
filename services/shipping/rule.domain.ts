import type { FieldFault } from "../../schemas/errors/errors";
import type {
	FreightRule,
	NewShippingRule,
	ShippingRulePatch,
	ShippingRuleView
} from "../../schemas/shipping.contract";
import { isProvinceName } from "../../schemas/values/regions";

export type ShippingRule = Pick<FreightRule, "chargeBy" | "areas" | "notTo"> & {
	readonly _id: string;
	readonly name: string;
	/** Since when the rule is the default one; of several the latest is. Absent for the others. */
	readonly defaultSince?: Date;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

export const createRule = (
	_id: string,
	{ isDefault, notTo = [], ...given }: NewShippingRule,
	at: Date
): ShippingRule => ({
	_id,
	...given,
	notTo,
	...(isDefault && { defaultSince: at }),
	createdAt: at,
	updatedAt: at
});

/** The update of a rule by a patch; a rule that is the default one already stays it since the same time. */
export function buildRuleUpdate({ isDefault, ...patch }: ShippingRulePatch, rule: ShippingRule, at: Date) {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	const $set = {
		...given,
		...(isDefault && { defaultSince: rule.defaultSince ?? at }),
		updatedAt: at
	};
	return { $set, ...(isDefault === false && { $unset: { defaultSince: "" as const } }) };
}

/** Provinces that do not exist or are named twice, and a second area for everywhere else. */
export function findRuleFaults({ areas, notTo }: Pick<ShippingRule, "areas" | "notTo">): FieldFault[] {
	const named = [
		...areas.flatMap(({ provinces }, a) =>
			provinces.map((name, p) => ({ name, field: `areas[${a}].provinces[${p}]`, list: "areas" }))
		),
		...notTo.map((name, p) => ({ name, field: `notTo[${p}]`, list: "notTo" }))
	];
	const elsewhere = areas.findIndex(({ provinces }) => provinces.length === 0);
	return [
		...named.flatMap(({ name, field, list }, n): FieldFault[] => {
			if (!isProvinceName(name)) return [{ field, type: "noProvince" }];
			const isRepeated = named.slice(0, n).some(other => other.list === list && other.name === name);
			return isRepeated ? [{ field, type: "repeated" }] : [];
		}),
		...areas.flatMap(({ provinces }, a): FieldFault[] =>
			provinces.length === 0 && a !== elsewhere
				? [{ field: `areas[${a}].provinces`, type: "repeated" }]
				: []
		)
	];
}

/** The id of the default rule; null where no rule is. */
export const findDefaultId = (rules: readonly ShippingRule[]): string | null =>
	rules.reduce<ShippingRule | null>(
		(latest, rule) =>
			rule.defaultSince && rule.defaultSince >= (latest?.defaultSince ?? new Date(0)) ? rule : latest,
		null
	)?._id ?? null;

export const toFreightRule =
	(defaultId: string | null) =>
	({ _id: id, chargeBy, areas, notTo }: ShippingRule): FreightRule => ({
		id,
		chargeBy,
		areas,
		notTo,
		isDefault: id === defaultId
	});

export const toRuleView = (rule: ShippingRule, defaultId: string | null): ShippingRuleView => ({
	...toFreightRule(defaultId)(rule),
	name: rule.name,
	createdAt: rule.createdAt.toISOString(),
	updatedAt: rule.updatedAt.toISOString()
});
