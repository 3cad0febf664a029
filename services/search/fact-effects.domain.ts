import { stockLevel, type StockLevel } from "../../schemas/values/stock-level";

/** What a fact means to the index. */
export type FactEffect = {
	/** Products whose documents have changed. */
	readonly refresh?: readonly string[];
	/** Products that will change when their service has handled the fact too. */
	readonly refreshLater?: readonly string[];
	/** Names of categories, brands or attributes have changed. */
	readonly names?: boolean;
	readonly synonyms?: boolean;
	readonly level?: {
		readonly productId: string;
		readonly skuId: string;
		readonly level: StockLevel;
		readonly version: number;
	};
};

type Payload = Readonly<Record<string, unknown>>;

const OF_PRODUCTS = /^(product|sku|review)\./;
const OF_NAMES = /^(category|brand|attribute)\./;

export function decideEffect(event: string, payload: Payload): FactEffect {
	if (event === "stock.level_changed") return decideLevel(payload);
	if (event === "order.completed") return { refreshLater: readIds(payload["lines"], "productId") };
	if (OF_NAMES.test(event)) return { names: true };
	if (event === "search.synonyms_changed") return { synonyms: true };
	if (!OF_PRODUCTS.test(event)) return {};
	const { productId, productIds } = payload;
	return {
		refresh: [
			...(typeof productId === "string" ? [productId] : []),
			...(Array.isArray(productIds) ? productIds.filter(id => typeof id === "string") : [])
		]
	};
}

function decideLevel({ skuId, level, version }: Payload): FactEffect {
	const known = stockLevels.find(word => word === level);
	if (typeof skuId !== "string" || typeof version !== "number" || !known) return {};
	// SKU ids begin with the product's id.
	const productId = skuId.slice(0, Math.max(0, skuId.lastIndexOf("-")));
	return { level: { productId, skuId, level: known, version }, refreshLater: [productId] };
}

const stockLevels = stockLevel["values"] as readonly StockLevel[];

const readIds = (lines: unknown, field: string): string[] =>
	Array.isArray(lines)
		? lines.flatMap((line: unknown) => {
				const id = typeof line === "object" && line !== null ? (line as Payload)[field] : undefined;
				return typeof id === "string" ? [id] : [];
			})
		: [];
