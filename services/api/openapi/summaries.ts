import type { Lang, Texts } from "../../../schemas/errors/messages";
import { SUMMARIES_ZH } from "./summaries.zh";

/** Routes of the gateway itself. */
export const SYSTEM_ROUTES: Readonly<Record<string, Texts>> = {
	"/health/live": { en: "200 while the process runs", zh: "进程在运行时为 200" },
	"/health/ready": {
		en: "200 when every needed service and store answers, else 503 naming what does not",
		zh: "所需的服务与存储都可用时为 200，否则 503 并指出缺什么"
	},
	"/metrics": { en: "Prometheus text", zh: "Prometheus 文本格式的指标" },
	"/openapi.json": { en: "This document", zh: "本文档" },
	"/docs": { en: "A page to read and try this document", zh: "阅读与试用本文档的页面" },
	"/asyncapi.json": {
		en: "AsyncAPI 3: every fact with its payload",
		zh: "AsyncAPI 3：所有事件及其内容"
	},
	"/docs/events": { en: "The event catalogue as a page", zh: "事件目录页面" }
};

/** Descriptions of the groups of routes, by service. */
const TAGS: Readonly<Record<string, Texts>> = {
	system: { en: "Health, metrics and this document", zh: "健康检查、指标与本文档" },
	auth: { en: "One-time codes, signing in and out", zh: "验证码、登录与退出" },
	users: { en: "Profiles, addresses, administration of users", zh: "资料、地址、用户管理" },
	categories: { en: "The category tree", zh: "分类树" },
	brands: { en: "Brands", zh: "品牌" },
	tags: { en: "Labels of products", zh: "商品标签" },
	promotions: { en: "Promotions, and how they change prices", zh: "促销活动与价格" },
	coupons: { en: "Coupon templates, and the coupons of users", zh: "优惠券模板与用户的优惠券" },
	invoices: { en: "Invoices of orders", zh: "订单发票" },
	points: { en: "Points of users", zh: "积分" },
	members: { en: "Member levels and price lists", zh: "会员等级与价目表" },
	attributes: { en: "Attributes of products, by category", zh: "各分类的商品属性" },
	products: { en: "Products with their SKUs, from draft to shelf", zh: "商品与 SKU，从草稿到上架" },
	productFiles: { en: "Import and export of products as CSV", zh: "商品 CSV 导入与导出" },
	content: {
		en: "Banners, notices, sections of the home page, and pages",
		zh: "横幅、公告、首页栏目与页面"
	},
	reviews: { en: "Reviews of products", zh: "商品评价" },
	favorites: { en: "Favourites, and what users looked at", zh: "收藏与浏览记录" },
	related: { en: "What goes with a product", zh: "相关商品" },
	search: { en: "Search of products", zh: "商品搜索" },
	demoPictures: { en: "Pictures of the demo catalogue", zh: "演示目录的图片" },
	uploads: { en: "Uploaded pictures", zh: "上传的图片" },
	carts: { en: "Carts of guests and users, and the quote", zh: "游客与用户的购物车、报价" },
	inventory: { en: "Stock and its ledger", zh: "库存与流水" },
	orders: { en: "Orders from their placing to their end", zh: "订单，从下单到完结" },
	shipping: { en: "Shipping rules, parcels and their way", zh: "运费规则、包裹与物流" },
	afterSales: { en: "Refunds, returns and exchanges", zh: "退款、退货与换货" },
	payments: { en: "Payments, refunds, the channels' notifications", zh: "支付、退款、渠道通知" },
	config: { en: "Config values of the running shop", zh: "运行中商店的配置" },
	audit: { en: "The audit log: who changed what", zh: "审计日志：谁改了什么" },
	statistics: { en: "The figures of the shop", zh: "经营数据" },
	webhooks: { en: "Webhooks: facts for other systems", zh: "Webhook：通知其他系统的事件" },
	traces: { en: "The steps of an order's life", zh: "订单的每一步" },
	deadLetters: { en: "Events that a consumer gave up on", zh: "消费者放弃的事件（死信）" },
	events: { en: "Live events: facts as they happen", zh: "实时事件" },
	sandbox: {
		en: "Emulators of phones and payment channels; never in production",
		zh: "短信与支付渠道的模拟器，生产环境没有"
	}
};

export const describeTags = (lang: Lang): { name: string; description: string }[] =>
	Object.entries(TAGS).map(([name, texts]) => ({ name, description: texts[lang] }));

/** The summary of an action's route; in English where it has not been translated. */
export const chooseSummary = (name: string, about: string, lang: Lang): string =>
	lang === "zh" ? (SUMMARIES_ZH[name] ?? about) : about;
