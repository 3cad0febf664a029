import { HELD_OUT, STOCK_UNITS } from "../../invariants/invariants.metrics";
import { AUTH_METRICS } from "../../services/auth/auth.metrics";
import { CART_METRICS } from "../../services/carts/carts.metrics";
import { INVENTORY_METRICS } from "../../services/inventory/inventory.metrics";
import { ORDER_METRICS } from "../../services/orders/orders.metrics";
import { PAYMENT_METRICS } from "../../services/payments/payments.metrics";
import { SEARCH_METRICS } from "../../services/search/search.metrics";
import { SHIPPING_METRICS } from "../../services/shipping/shipping.metrics";
import { quantiles, select, sumOfDay, sumRate, type DashboardDefinition } from "./panels";

const { changes, revenue, unitsSold, placing } = ORDER_METRICS;
const { refunded, begun } = PAYMENT_METRICS;
const YUAN = "currencyCNY";

export const shop: DashboardDefinition = {
	uid: "zjmall-shop",
	title: "zjMall: shop",
	rows: [
		{
			title: "The last 24 hours",
			panels: [
				{
					title: "Orders placed",
					unit: "short",
					kind: "stat",
					queries: [[sumOfDay(changes, 'change="placed"'), "placed"]]
				},
				{
					title: "Orders paid",
					unit: "short",
					kind: "stat",
					queries: [[sumOfDay(changes, 'change="paid"'), "paid"]]
				},
				{
					title: "Revenue",
					about: "Totals of paid orders; refunds are not subtracted.",
					unit: YUAN,
					kind: "stat",
					queries: [[`${sumOfDay(revenue)} / 100`, "revenue"]]
				},
				{
					title: "Refunds",
					unit: YUAN,
					kind: "stat",
					queries: [[`${sumOfDay(refunded)} / 100`, "refunds"]]
				},
				{
					title: "Units sold",
					unit: "short",
					kind: "stat",
					queries: [[sumOfDay(unitsSold), "units"]]
				},
				{
					title: "SKUs sold out",
					about: "How often the last unit of a SKU was taken.",
					unit: "short",
					kind: "stat",
					queries: [[sumOfDay(INVENTORY_METRICS.levels, 'level="out"'), "sold out"]]
				}
			]
		},
		{
			title: "Orders",
			panels: [
				{
					title: "Orders a minute, by what happened",
					unit: "short",
					queries: [[`60 * ${sumRate(changes, "change")}`, "{{change}}"]]
				},
				{
					title: "Checkout of the last 24 hours",
					about: "From units put into a cart to paid orders.",
					unit: "short",
					kind: "bars",
					queries: [
						[sumOfDay(CART_METRICS.checkout, 'step="cart"'), "1 cart"],
						[sumOfDay(CART_METRICS.checkout, 'step="preview"'), "2 preview"],
						[sumOfDay(changes, 'change="placed"'), "3 order"],
						[sumOfDay(begun, 'outcome="created"'), "4 payment"],
						[sumOfDay(changes, 'change="paid"'), "5 paid"]
					]
				},
				{
					title: "Revenue and refunds an hour",
					unit: YUAN,
					queries: [
						[`36 * ${sumRate(revenue)}`, "revenue"],
						[`36 * ${sumRate(refunded)}`, "refunds"]
					]
				},
				{ title: "Duration of placing", unit: "s", queries: quantiles(placing) },
				{
					title: "Orders that were refused, a minute",
					unit: "short",
					queries: [
						[
							`60 * ${sumRate("moleculer_request_error_total", "errorType", 'action="orders.create"')}`,
							"{{errorType}}"
						]
					]
				}
			]
		},
		{
			title: "Stock and search",
			panels: [
				{
					title: "Units",
					unit: "short",
					queries: [[`max by (state) (${select(STOCK_UNITS)})`, "{{state}}"]]
				},
				{
					title: "SKUs that only unpaid orders hold",
					unit: "short",
					queries: [[`max(${select(HELD_OUT)})`, "SKUs"]]
				},
				{
					title: "Changes of stock levels a minute",
					unit: "short",
					queries: [[`60 * ${sumRate(INVENTORY_METRICS.levels, "level")}`, "to {{level}}"]]
				},
				{
					title: "Products in the search index",
					unit: "short",
					queries: [[select(SEARCH_METRICS.products), "{{instance}}"]]
				},
				{
					title: "Memory of the search index",
					unit: "bytes",
					queries: [[select(SEARCH_METRICS.bytes), "{{instance}}"]]
				}
			]
		},
		{
			title: "Messages and parcels",
			panels: [
				{
					title: "Text messages a minute",
					unit: "short",
					queries: [
						[`60 * ${sumRate(AUTH_METRICS.sms, "provider, outcome")}`, "{{provider}} {{outcome}}"]
					]
				},
				{
					title: "Pushes of the tracking service a minute",
					unit: "short",
					queries: [[`60 * ${sumRate(SHIPPING_METRICS.pushes, "outcome")}`, "{{outcome}}"]]
				}
			]
		}
	]
};
