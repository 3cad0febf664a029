import { counter } from "../../schemas/kit/metric";

export const SHIPPING_METRICS = {
	pushes: counter({
		name: "mall_tracking_pushes_total",
		description: "Pushes in the name of the tracking service, by what became of them",
		labels: { outcome: ["applied", "unknown", "forged", "unreadable"] }
	})
};
