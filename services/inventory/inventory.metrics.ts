import type { FactCounts } from "../../mixins/metrics.mixin";
import { counter } from "../../schemas/kit/metric";

export const INVENTORY_METRICS = {
	levels: counter({
		name: "mall_stock_level_changes_total",
		description: "Changes of a SKU's stock level, by the new level; `out`: its last unit was taken",
		labels: { level: ["in", "low", "out"] }
	})
};

export const stockFactCounts: FactCounts<typeof INVENTORY_METRICS> = {
	"stock.level_changed": (metrics, { level }) => metrics.levels({ level })
};
