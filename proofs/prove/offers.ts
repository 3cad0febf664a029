import { aPromotion, aTemplate } from "../../tests/support/offers";
import { unique } from "../../tests/support/builders";
import type { ShopUser } from "./shop-user";

/** Offers of which buyers want more than there are. */
export type Offers = {
	/** Templates whose coupons buyers claim; the first one runs out. */
	readonly templateIds: readonly string[];
};

/** Units of the flash sale and of gifts, and coupons of the scarce template. */
const SCARCE = { flashSale: 30, perUser: 12, gifts: 40, coupons: 25 };
/** Points that a yuan earns: enough for buyers to spend some soon. */
const POINTS_PER_YUAN = 50;

/** Has staff offer a flash sale, a percentage, gifts, coupons and points for the SKUs. */
export async function setUpOffers(staff: ShopUser, skuIds: readonly string[]): Promise<Offers> {
	const [first = "", second = first, third = first] = [...skuIds].reverse();
	const offer = (path: string, body: object) => staff.mustSend("POST", path, body, unique("key-"));
	await staff.mustSend("PUT", "/admin/config/points.perYuan", { value: POINTS_PER_YUAN });
	await offer(
		"/admin/promotions",
		aPromotion("flash_sale", [first], {
			value: 200,
			stock: SCARCE.flashSale,
			limitPerUser: SCARCE.perUser
		})
	);
	await offer("/admin/promotions", aPromotion("percent_off", [second, third], { value: 15 }));
	await offer(
		"/admin/promotions",
		aPromotion("gift", [third], {
			thresholdUnits: 2,
			gift: { skuId: second, quantity: 1 },
			stock: SCARCE.gifts
		})
	);
	const templates = [
		aTemplate("fixed", { value: 99, total: SCARCE.coupons, perUser: 4 }),
		aTemplate("percent", { value: 7, total: 1_000_000, perUser: 1000 })
	];
	const issued = await Promise.all(
		templates.map(template => offer("/admin/coupon-templates", template) as Promise<{ id: string }>)
	);
	return { templateIds: issued.map(({ id }) => id) };
}
