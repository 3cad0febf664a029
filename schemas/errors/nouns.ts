import type { Texts } from "./messages";

/** Names of the entries that a client can ask for, as `data.what` of NOT_FOUND says them. */
export const NOUNS = {
	account: { zh: "账号", en: "account" },
	address: { zh: "地址", en: "address" },
	admin: { zh: "管理员", en: "administrator" },
	after_sale: { zh: "售后单", en: "after-sales case" },
	attribute: { zh: "属性", en: "attribute" },
	banner: { zh: "横幅", en: "banner" },
	brand: { zh: "品牌", en: "brand" },
	cart_line: { zh: "购物车商品", en: "line of the cart" },
	category: { zh: "分类", en: "category" },
	config_key: { zh: "配置项", en: "config key" },
	config_version: { zh: "配置版本", en: "version of the config key" },
	coupon: { zh: "优惠券", en: "coupon" },
	coupon_template: { zh: "优惠券模板", en: "coupon template" },
	dead_letter: { zh: "死信", en: "dead letter" },
	delivery: { zh: "投递", en: "delivery" },
	entry: { zh: "记录", en: "entry" },
	favorite: { zh: "收藏", en: "favourite" },
	home_section: { zh: "首页栏目", en: "section of the home page" },
	invoice: { zh: "发票", en: "invoice" },
	import: { zh: "导入", en: "import" },
	member_level: { zh: "会员等级", en: "member level" },
	notice: { zh: "公告", en: "notice" },
	order: { zh: "订单", en: "order" },
	order_line: { zh: "订单商品", en: "line of the order" },
	page: { zh: "页面", en: "page" },
	path: { zh: "路径", en: "path" },
	payment: { zh: "支付单", en: "payment" },
	picture: { zh: "图片", en: "picture" },
	price_list: { zh: "价目表", en: "price list" },
	product: { zh: "商品", en: "product" },
	promotion: { zh: "促销活动", en: "promotion" },
	refund: { zh: "退款单", en: "refund" },
	refund_approval: { zh: "退款审批", en: "refund that waits for approval" },
	review: { zh: "评价", en: "review" },
	session: { zh: "会话", en: "session" },
	shipment: { zh: "包裹", en: "shipment" },
	shipping_rule: { zh: "运费规则", en: "shipping rule" },
	sku: { zh: "SKU", en: "SKU" },
	stock: { zh: "库存", en: "stock" },
	synonym: { zh: "同义词", en: "synonym" },
	tag: { zh: "标签", en: "tag" },
	trace: { zh: "链路", en: "trace" },
	user: { zh: "用户", en: "user" },
	webhook: { zh: "Webhook", en: "webhook" }
} as const satisfies Readonly<Record<string, Texts>>;
export type Noun = keyof typeof NOUNS;

export const isNoun = (word: unknown): word is Noun => typeof word === "string" && Object.hasOwn(NOUNS, word);

/** The noun for an entry of a collection: `coupon_templates` holds entries named `coupon_template`. */
export function nounOfCollection(name: string): Noun {
	const candidates = [name, name.replace(/ies$/, "y"), name.replace(/s$/, ""), name.replace(/es$/, "")];
	return candidates.find(isNoun) ?? "entry";
}
