/** Values with which a request of a route succeeds in a shop with the demo data. */
export type Example = {
	readonly path?: Readonly<Record<string, unknown>>;
	readonly query?: Readonly<Record<string, unknown>>;
	readonly body?: unknown;
};

/** The first product of the demo catalogue, its SKUs, category, brand, tag and attribute (`scripts/demo`). */
export const DEMO = {
	productId: "01HK153X008ZJBNSCWN6EKVEP5",
	skuId: "01HK153X008ZJBNSCWN6EKVEP5-1",
	categoryId: "01HK153X009JXADG7T71DQFBPC",
	brandId: "01HK153X00JKZTVY4WW9MY3MRQ",
	tagId: "01HK153X00V5A5X03KHBQV7ERK",
	customer: { phone: "13900000000", password: "Mall-user-1" }
};
const { productId, skuId, categoryId, brandId, tagId } = DEMO;
const ofProduct = { path: { id: productId } };
const ofCategory = { path: { id: categoryId } };
const ofSku = { path: { skuId } };
const ofBrand = { path: { id: brandId } };
const ofTag = { path: { id: tagId } };

/** By the action's name. Routes of entries that a client makes first, such as an order, have none. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
	"auth.login": { body: DEMO.customer },
	"auth.sendCode": { body: { phone: DEMO.customer.phone, purpose: "login" } },
	"sandbox.sms": { query: { phone: DEMO.customer.phone } },
	"users.change": { body: { nickname: "小明", gender: "male" } },
	"users.addAddress": {
		body: {
			receiver: "李雷",
			phone: DEMO.customer.phone,
			province: "浙江省",
			city: "杭州市",
			district: "西湖区",
			detail: "文三路 1 号"
		}
	},

	"categories.branch": ofCategory,
	"brands.browse": { query: { categoryId, letter: "X" } },
	"attributes.browse": { query: { categoryId } },
	"products.list": { query: { q: "手机", categoryId, sort: "price_asc", attr: { 颜色: "白" } } },
	"products.get": ofProduct,
	"products.prices": { body: { skuIds: [skuId] } },
	"inventory.query": { body: { skuIds: [skuId] } },

	"carts.add": { body: { skuId, quantity: 1 } },
	"carts.setItem": { ...ofSku, body: { quantity: 2, selected: true } },
	"carts.select": { body: { all: true, selected: true } },
	"carts.preview": { body: { items: [{ skuId, quantity: 2 }] } },
	"carts.removeItem": ofSku,

	"categories.get": ofCategory,
	"brands.get": ofBrand,
	"tags.get": ofTag,
	"categories.create": { body: { name: "示例分类", sort: 99 } },
	"brands.create": { body: { name: "示例品牌", firstLetter: "S" } },
	"tags.create": { body: { name: "示例标签", color: "#2f9e6e" } },
	"attributes.create": {
		body: { name: "示例属性", categoryId, kind: "spec", input: "select", values: ["甲", "乙"] }
	},
	"products.adminGet": ofProduct,
	"products.create": {
		body: {
			name: "示例手机",
			categoryId,
			brandId,
			skus: [{ code: "EXAMPLE-1", price: 99900, attributes: { 颜色: "白" } }]
		}
	},
	"inventory.get": ofSku,
	"inventory.log": ofSku,
	"inventory.adjust": { ...ofSku, body: { delta: 10, reason: "盘点" } },
	"config.get": { path: { key: "orders.maxUnpaid" } },
	"config.set": { path: { key: "orders.maxUnpaid" }, body: { value: 5 } },
	"config.history": { path: { key: "orders.maxUnpaid" } }
};
