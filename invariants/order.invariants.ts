import type { Doc } from "../infrastructure/documents/collection";
import type { Reservation } from "../services/inventory/reservation.domain";
import { TRANSITIONS, type Order } from "../services/orders/order.domain";
import { readAll, secondsAgo, type InvariantsContext } from "./invariants.context";

/** I3: no order stays in a status past its deadline, and stock is reserved for exactly the orders that wait for payment. */
export async function findOverdueOrders(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const reservations = context.collection<Reservation>("stock_reservations");
	for await (const order of readAll<Order>(context, "orders")) {
		const { _id, status, expiresAt, createdAt, updatedAt, paymentId } = order;
		if (status === "pending_payment" && expiresAt < secondsAgo(context, 60))
			found.push(`order ${_id} is past its deadline`);
		if (status === "creating" && createdAt < secondsAgo(context, 120))
			found.push(`order ${_id} is still being placed`);
		if (status === "cancelled" && paymentId) found.push(`order ${_id} is cancelled and paid`);
		const [reservation] = await reservations.find({ _id }, { limit: 1 });
		if (status === "pending_payment" && reservation?.state !== "open")
			found.push(`order ${_id} waits and holds no stock`);
		const settled = updatedAt < secondsAgo(context, 60) && status !== "creating";
		if (settled && reservation?.state === "open" && status !== "pending_payment")
			found.push(`order ${_id} is ${status} and still holds stock`);
	}
	return found;
}

/** I8: the timeline of an order has only transitions that the state machine allows, and ends at the order's status. */
export async function findIllegalTransitions(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const { _id, status, timeline } of readAll<Order>(context, "orders")) {
		let at: Order["status"] = "creating";
		for (const { from, to } of timeline) {
			if (from !== at || !TRANSITIONS[from].includes(to))
				found.push(`order ${_id} went from ${from} to ${to} when ${at}`);
			at = to;
		}
		if (at !== status) found.push(`order ${_id} is ${status}, its timeline ends at ${at}`);
	}
	return found;
}

type Claim = Doc & {
	readonly state: string;
	readonly answer: { readonly status: number; readonly body: string } | null;
};

/** I6: every order and payment that a client was given in a 201 response is stored. The responses are kept for replays. */
export async function findBrokenPromises(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const { answer } of readAll<Claim>(context, "idempotency_claims", { state: "done" })) {
		if (answer?.status !== 201) continue;
		const { data } = JSON.parse(answer.body) as {
			data?: { id?: string; orderNo?: string; paymentNo?: string };
		};
		const collection = data?.paymentNo ? "payments" : data?.orderNo ? "orders" : undefined;
		if (!collection || !data?.id) continue;
		const [stored] = await context.collection(collection).find({ _id: data.id }, { limit: 1 });
		if (!stored) found.push(`${collection} ${data.id} was promised and is not there`);
	}
	return found;
}
