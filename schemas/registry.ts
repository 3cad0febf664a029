import { afterSaleEvents, afterSales } from "./after-sales.contract";
import { attributeEvents, attributes } from "./attributes.contract";
import { audit } from "./audit.contract";
import { auth, authEvents } from "./auth.contract";
import { brandEvents, brands } from "./brands.contract";
import { carts } from "./carts.contract";
import { categories, categoryEvents } from "./categories.contract";
import { config } from "./config.contract";
import { content } from "./content.contract";
import { couponEvents, coupons } from "./coupons.contract";
import { deadLetters } from "./dead-letters.contract";
import { demoPictures } from "./demo-pictures.contract";
import { favorites } from "./favorites.contract";
import { idempotency } from "./idempotency.contract";
import { invoiceEvents, invoices } from "./invoices.contract";
import { inventory, inventoryEvents } from "./inventory.contract";
import type { ActionsOf, Contract, PayloadOf } from "./kit/contract";
import { bindCatalogue } from "./kit/service";
import { memberEvents, members } from "./members.contract";
import { orderEvents } from "./orders.events";
import { orders } from "./orders.contract";
import { paymentEvents, payments } from "./payments.contract";
import { points, pointsEvents } from "./points.contract";
import { productFiles } from "./product-files.contract";
import { productEvents, products } from "./products.contract";
import { promotionEvents, promotions } from "./promotions.contract";
import { related } from "./related.contract";
import { reviewEvents, reviews } from "./reviews.contract";
import { search, searchEvents } from "./search.contract";
import { sandbox } from "./sandbox.contract";
import { statistics } from "./statistics.contract";
import { shipping, shippingEvents } from "./shipping.contract";
import { tags } from "./tags.contract";
import { traces } from "./traces.contract";
import { uploads } from "./uploads.contract";
import { userEvents, users } from "./users.contract";
import { webhookEvents, webhooks } from "./webhooks.contract";

/** The contracts of all services. Routes, the OpenAPI document and typed calls are made from this list. */
export const contracts = {
	auth,
	users,
	categories,
	brands,
	tags,
	attributes,
	products,
	search,
	productFiles,
	demoPictures,
	uploads,
	content,
	reviews,
	favorites,
	related,
	carts,
	inventory,
	promotions,
	coupons,
	points,
	members,
	orders,
	payments,
	shipping,
	afterSales,
	invoices,
	config,
	audit,
	statistics,
	idempotency,
	deadLetters,
	traces,
	webhooks,
	sandbox
} satisfies Record<string, Contract>;

/** The facts of each service, by the service's name: nobody else publishes them. */
export const factsByService = {
	auth: authEvents,
	users: userEvents,
	categories: categoryEvents,
	brands: brandEvents,
	attributes: attributeEvents,
	products: productEvents,
	search: searchEvents,
	inventory: inventoryEvents,
	orders: orderEvents,
	payments: paymentEvents,
	shipping: shippingEvents,
	afterSales: afterSaleEvents,
	invoices: invoiceEvents,
	promotions: promotionEvents,
	coupons: couponEvents,
	members: memberEvents,
	points: pointsEvents,
	webhooks: webhookEvents,
	reviews: reviewEvents
} satisfies Partial<Record<keyof typeof contracts, object>>;
type FactsByService = typeof factsByService;

/** All facts by name. A service handles a fact by an entry of that name in its `events`. */
export const events = Object.assign({}, ...Object.values(factsByService)) as Intersection<
	FactsByService[keyof FactsByService]
>;
export type Events = typeof events;
type ActionsOfEach<T> = T extends Contract ? ActionsOf<T> : never;
type Intersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;
export type Actions = Intersection<ActionsOfEach<(typeof contracts)[keyof typeof contracts]>>;
export const { service, call } = bindCatalogue<Actions, Events>(events, contracts);

/** A fact with its payload, as it is stored in an outbox. */
export type Fact = { readonly event: keyof Events & string; readonly payload: object };
export const fact = <K extends keyof Events & string>(
	event: K,
	payload: PayloadOf<Events[K]> & object
): Fact => ({ event, payload });
