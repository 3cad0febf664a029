import { readQuotas } from "../../mixins/quotas";
import type { Template } from "./coupon.domain";
import type { CouponsContext } from "./coupons.context";

/** Shows templates with what was taken of their totals: coupons that were claimed, granted or made as codes. */
export async function withUses<V>(
	context: CouponsContext,
	found: readonly Template[],
	toSeen: (template: Template, used: number) => V
): Promise<V[]> {
	const quotas = await readQuotas(
		context,
		found.map(({ _id }) => _id)
	);
	return found.map(template => toSeen(template, quotas.get(template._id)?.used ?? 0));
}
