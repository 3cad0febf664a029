import type { NewTemplate } from "../../schemas/coupons.contract";
import type { NewPriceList } from "../../schemas/members.contract";
import type { NewPromotion } from "../../schemas/promotions.contract";

/** How the offers name the entries of the demo catalogue, which have the same ids in every shop. */
export type DemoIds = {
	readonly category: (key: string) => string;
	/** The `sku`-th SKU of product `n`; both count from 0. */
	readonly sku: (n: number, sku: number) => string;
	readonly level: (key: string) => string;
};
type Keyed<T> = T & { readonly key: string };

const STARTS_AT = "2024-01-01T00:00:00.000Z";
/** Demo offers do not end, so that a new shop always shows them. */
const ENDS_AT = "2099-12-31T16:00:00.000Z";
const ALWAYS = { startsAt: STARTS_AT, endsAt: ENDS_AT };

const yuan = (amount: number): number => amount * 100;

/** One promotion of each type, each within a category or two of the demo catalogue, so that products of other categories cost their price. */
export const buildDemoPromotions = ({ category, sku }: DemoIds): readonly Keyed<NewPromotion>[] => [
	{
		key: "flash sale",
		name: "天天秒杀",
		label: "秒杀",
		type: "flash_sale",
		value: yuan(4_599),
		stock: 10_000,
		limitPerUser: 2,
		scope: { skuIds: [sku(0, 0)] },
		...ALWAYS
	},
	{
		key: "watches",
		name: "智能手表直降 50 元",
		label: "直降",
		type: "price_off",
		value: yuan(50),
		scope: { categoryIds: [category("watch")] },
		...ALWAYS
	},
	{
		key: "earphones",
		name: "无线耳机九折",
		label: "9 折",
		type: "percent_off",
		value: 10,
		scope: { categoryIds: [category("earphone")] },
		...ALWAYS
	},
	{
		key: "home appliances",
		name: "厨房电器满减",
		label: "满 500 减 50",
		type: "amount_off",
		tiers: [
			{ threshold: yuan(500), value: yuan(50) },
			{ threshold: yuan(1000), value: yuan(120) }
		],
		scope: { categoryIds: [category("kitchen")] },
		...ALWAYS
	},
	{
		key: "snacks",
		name: "坚果零食三件免一件",
		label: "3 免 1",
		type: "units_off",
		thresholdUnits: 3,
		value: 1,
		repeat: true,
		scope: { categoryIds: [category("snack")] },
		...ALWAYS
	},
	{
		key: "laptop gift",
		name: "买笔记本电脑送保温杯",
		label: "赠品",
		type: "gift",
		thresholdUnits: 1,
		gift: { skuId: sku(20, 0), quantity: 1 },
		stock: 1_000,
		scope: { categoryIds: [category("laptop")] },
		...ALWAYS
	},
	{
		key: "books",
		name: "图书满 59 元包邮",
		label: "包邮",
		type: "free_shipping",
		threshold: yuan(59),
		scope: { categoryIds: [category("books")] },
		...ALWAYS
	}
];

/** Coupons that every customer can claim. */
export const DEMO_COUPON_TEMPLATES: readonly Keyed<NewTemplate>[] = [
	{
		key: "20 yuan",
		name: "满 199 元减 20 元",
		type: "fixed",
		value: yuan(20),
		threshold: yuan(199),
		scope: { all: true },
		total: 1_000_000,
		perUser: 3,
		claimFrom: ALWAYS.startsAt,
		claimTo: ALWAYS.endsAt,
		validDays: 30
	},
	{
		key: "5 per cent",
		name: "九五折券，最多减 50 元",
		type: "percent",
		value: 5,
		maxDiscount: yuan(50),
		threshold: 0,
		scope: { all: true },
		total: 1_000_000,
		perUser: 1,
		claimFrom: ALWAYS.startsAt,
		claimTo: ALWAYS.endsAt,
		validDays: 30
	},
	{
		key: "free shipping",
		name: "包邮券",
		type: "free_shipping",
		threshold: 0,
		scope: { all: true },
		total: 1_000_000,
		perUser: 5,
		claimFrom: ALWAYS.startsAt,
		claimTo: ALWAYS.endsAt,
		validDays: 30
	}
];

export const DEMO_LEVELS = [
	{ key: "silver", name: "银卡会员", minSpent: yuan(1_000) },
	{ key: "gold", name: "金卡会员", minSpent: yuan(5_000) }
] as const;

/** Prices for members, below those of the catalogue. */
export const buildDemoPriceLists = (
	{ level, sku }: DemoIds,
	priceOf: (skuId: string) => number
): readonly Keyed<NewPriceList>[] => [
	{
		key: "gold",
		name: "金卡会员价",
		levelIds: [level("gold")],
		prices: [0, 1, 2, 3, 4].map(n => {
			const skuId = sku(n, 0);
			return { skuId, price: Math.floor(priceOf(skuId) * 0.9) };
		})
	}
];
