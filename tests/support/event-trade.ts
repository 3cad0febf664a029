import { setTimeout as pause } from "node:timers/promises";
import { EventClient, type SeenEvent } from "./event-client";
import { Shopper } from "./shopper";
import type { ShopProcess } from "./shop-process";
import { until } from "./until";

/** Follows events through the deaths of gateways, as a browser does: it connects again, to any gateway, from its last id. */
export function followForEver(
	shops: readonly ShopProcess[],
	token: string,
	path: string,
	isOver: () => boolean
) {
	const seen: SeenEvent[] = [];
	const follow = async () => {
		for (let turn = 0; !isOver(); turn++) {
			const lastId = seen.at(-1)?.id;
			const { url } = shops[turn % shops.length] as ShopProcess;
			const client = await EventClient.open(url, token, { path, ...(lastId && { lastId }) }).catch(
				() => null
			);
			if (client?.status === 200) {
				await until("the end", () => client.ended || isOver()).catch(() => undefined);
				seen.push(...client.seen);
				client.close();
			} else await pause(100);
		}
	};
	return { seen, done: follow() };
}

/** Places and cancels orders at both gateways until it is over, whatever becomes of the requests. */
export async function placeAndCancel(
	shops: readonly ShopProcess[],
	token: string,
	skuId: string,
	isOver: () => boolean
): Promise<void> {
	const addressId = await new Shopper(shops[0] as ShopProcess, token).address();
	for (let turn = 0; !isOver(); turn++) {
		const shopper = new Shopper(shops[turn % shops.length] as ShopProcess, token, addressId);
		const placed = await shopper.tryOrder(skuId).catch(() => null);
		if (placed?.status === 201)
			await shopper.send("POST", `/orders/${placed.body.data.id}/cancel`, {}).catch(() => null);
		else await pause(50);
	}
}

/** How many of the names stand there more than once. */
export const countRepeated = (ids: readonly string[]) =>
	[...Map.groupBy(ids, id => id).values()].filter(group => group.length > 1).length;

/** The events that the user's orders must have caused: one when each was created, one when it was cancelled. */
export async function listExpectedEvents(shopper: Shopper): Promise<string[]> {
	const expected: string[] = [];
	for (let cursor = ""; ;) {
		const page = await shopper.mustSend("GET", `/orders?pageSize=100${cursor && `&cursor=${cursor}`}`);
		for (const { id, status } of page.items)
			expected.push(
				`order.created ${id}`,
				...(status === "cancelled" ? [`order.cancelled ${id}`] : [])
			);
		if (!page.nextCursor) return expected;
		cursor = page.nextCursor;
	}
}

/** Events as `listExpectedEvents` names them. */
export const nameEvents = (events: readonly SeenEvent[]): string[] =>
	events.map(({ event, data }) => `${event} ${data.orderId}`);
