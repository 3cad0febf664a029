import { gauge } from "../../schemas/kit/metric";

export const SEARCH_METRICS = {
	products: gauge({
		name: "mall_search_products",
		description: "Products in the search index of this process"
	}),
	behind: gauge({
		name: "mall_search_behind_facts",
		description: "Facts that the search index of this process has not applied yet"
	}),
	bytes: gauge({ name: "mall_search_index_bytes", description: "Memory of the search index, estimated" })
};
