import { TRANSITIONS as CASE_TRANSITIONS } from "../../services/after-sales/after-sale.domain";
import { RESERVATION_TRANSITIONS } from "../../services/inventory/reservation.domain";
import { TRANSITIONS as ORDER_TRANSITIONS } from "../../services/orders/order.domain";
import { PAYMENT_TRANSITIONS, REFUND_TRANSITIONS } from "../../services/payments/payment.domain";
import { TRANSITIONS as PRODUCT_TRANSITIONS } from "../../services/products/product.domain";
import { readFactRoutes, type FactRoute } from "./fact-routes";

/** A step of a state machine, with the event that makes it where the table names one. */
type Step = { readonly from: string; readonly to: string; readonly event?: string };

const mermaid = (kind: string, lines: readonly string[]) =>
	["```mermaid", kind, ...lines.map(line => `\t${line}`), "```"].join("\n");

/** Draws a state machine; it begins in `first` and ends in the states that nothing leaves. */
function drawStates(first: string, steps: readonly Step[]): string {
	const left = new Set(steps.map(({ from }) => from));
	const ends = new Set(steps.map(({ to }) => to).filter(to => !left.has(to)));
	return mermaid("stateDiagram-v2", [
		"direction LR",
		`[*] --> ${first}`,
		...steps.map(({ from, to, event }) => `${from} --> ${to}${event ? `: ${event}` : ""}`),
		...[...ends].map(end => `${end} --> [*]`)
	]);
}

const listSteps = (transitions: Readonly<Record<string, readonly string[]>>): Step[] =>
	Object.entries(transitions).flatMap(([from, next]) => next.map(to => ({ from, to })));

/** Steps of a table by events; events that make the same step share its arrow. */
function listStepsByEvent(
	transitions: Readonly<
		Record<string, { readonly from: readonly string[]; readonly to: readonly string[] }>
	>
): Step[] {
	const all = Object.entries(transitions).flatMap(([event, { from, to }]) =>
		from.flatMap(one => to.map(other => ({ from: one, to: other, event })))
	);
	return [...Map.groupBy(all, ({ from, to }) => `${from} ${to}`).values()].flatMap(([step, ...others]) =>
		step ? { ...step, event: [step, ...others].map(({ event }) => event).join(", ") } : []
	);
}

const reservationSteps = Object.entries(RESERVATION_TRANSITIONS).flatMap(([event, { from, via, to }]) => [
	{ from, to: via, event },
	{ from: via, to }
]);

/** Facts of trade: what an order, its money and its goods go through. All others are of people, catalogue and the shop. */
const isOfTrade = (name: string) => /^(order|payment|stock|shipment|after_sale|invoice)\./.test(name);

/** Draws an arrow from each service to each one that handles facts of it. */
function drawFactFlow(accepts: (name: string) => boolean): string {
	const all = [...readFactRoutes()]
		.filter(([name]) => accepts(name))
		.flatMap(([name, { publisher, consumers }]) =>
			consumers.map(consumer => ({ name, arrow: `${publisher} ${consumer}`, publisher, consumer }))
		);
	const arrows = [...Map.groupBy(all, ({ arrow }) => arrow)].toSorted(([a], [b]) => (a < b ? -1 : 1));
	return mermaid(
		"flowchart LR",
		arrows.map(([arrow, facts]) => {
			const [publisher, consumer] = arrow.split(" ");
			return `${publisher} -->|"${facts.map(({ name }) => name).join("<br/>")}"| ${consumer}`;
		})
	);
}

/** The facts of an order that is paid, sent and received, in the order in which they happen. */
const LIFE_OF_AN_ORDER = [
	"order.created",
	"payment.succeeded",
	"order.paid",
	"order.parcel_sent",
	"order.shipped",
	"shipment.delivered",
	"order.completed"
];

/** Draws these facts one after the other, with the service that publishes each and those that react to it. */
function drawLifeOfAnOrder(): string {
	const routes = readFactRoutes();
	const routeOf = (name: string): FactRoute => routes.get(name) ?? { publisher: "", consumers: [] };
	return mermaid("flowchart TB", [
		...LIFE_OF_AN_ORDER.map((name, i) => `f${i}["${name}<br/>from ${routeOf(name).publisher}"]`),
		LIFE_OF_AN_ORDER.map((_, i) => `f${i}`).join(" --> "),
		...LIFE_OF_AN_ORDER.flatMap((name, i) => {
			const { consumers } = routeOf(name);
			return consumers.length ? `f${i} -.-> r${i}(["${consumers.join(", ")}"])` : [];
		})
	]);
}

/** Every picture that is made from the code, by the name that stands in its markers. */
export const pictures: Readonly<Record<string, () => string>> = {
	"states of an order": () => drawStates("creating", listSteps(ORDER_TRANSITIONS)),
	"states of a payment": () => drawStates("pending", listSteps(PAYMENT_TRANSITIONS)),
	"states of a refund": () => drawStates("requested", listSteps(REFUND_TRANSITIONS)),
	"states of a product": () => drawStates("draft", listSteps(PRODUCT_TRANSITIONS)),
	"states of an after-sales case": () => drawStates("creating", listStepsByEvent(CASE_TRANSITIONS)),
	"states of a reservation": () => drawStates("open", reservationSteps),
	"facts of trade": () => drawFactFlow(isOfTrade),
	"other facts": () => drawFactFlow(name => !isOfTrade(name)),
	"life of an order": drawLifeOfAnOrder
};

/** Draws the pictures of a document anew, each between `<!-- picture: name -->` and `<!-- /picture -->`. */
export const redrawPictures = (text: string): string =>
	text.replaceAll(
		/(<!-- picture: (.+?) -->\n)[^]*?(<!-- \/picture -->)/g,
		(_, begin: string, name: string, end: string) => {
			const draw = pictures[name];
			if (!draw) throw new Error(`There is no picture "${name}"`);
			return `${begin}\n${draw()}\n\n${end}`;
		}
	);
