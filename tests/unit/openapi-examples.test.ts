import { buildDemoId } from "../../scripts/demo/load-catalogue";
import { buildOpenApi } from "../../services/api/openapi/openapi";
import { DEMO, EXAMPLES } from "../../services/api/openapi/examples";
import { SUMMARIES_ZH } from "../../services/api/openapi/summaries.zh";
import { PUBLISHED_ROUTES } from "../support/published-routes";

type Json = any;
const operations = (document: Json): Json[] =>
	Object.values<Json>(document.paths).flatMap(path => Object.values(path));

it("names what the demo catalogue has", () => {
	const { productId, skuId, categoryId, brandId, tagId } = DEMO;

	expect({ productId, skuId, categoryId, brandId, tagId }).toEqual({
		productId: buildDemoId("p-000000"),
		skuId: `${buildDemoId("p-000000")}-1`,
		categoryId: buildDemoId("category phone"),
		brandId: buildDemoId("brand xinglan"),
		tagId: buildDemoId("tag new")
	});
});

it("has examples and Chinese summaries of existing routes only", () => {
	const ids = operations(buildOpenApi()).map(({ operationId }) => operationId.replace("_", "."));

	expect(Object.keys(EXAMPLES).filter(name => !ids.includes(name))).toEqual([]);
	expect(Object.keys(SUMMARIES_ZH).filter(name => !ids.includes(name))).toEqual([]);
});

it("gives summaries and groups of routes in Chinese", () => {
	const document: Json = buildOpenApi("zh");
	const summaries = Object.fromEntries(
		operations(document).map(({ operationId, summary }) => [operationId, summary])
	);

	expect(summaries["orders_create"]).toBe("下单：所有商品都留货，或都不留");
	expect(document.tags.every(({ description }: Json) => /\p{Script=Han}/u.test(description))).toBe(true);
	expect(PUBLISHED_ROUTES.length).toBeGreaterThan(100);
});
