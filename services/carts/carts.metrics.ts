import { counter } from "../../schemas/kit/metric";

export const CART_METRICS = {
	checkout: counter({
		name: "mall_checkout_steps_total",
		description:
			"Steps towards an order: units put into a cart, totals of a cart or a purchase looked at",
		labels: { step: ["cart", "preview"] }
	})
};
