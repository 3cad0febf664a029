import { setTimeout } from "node:timers/promises";
import { invalidState, Refusal } from "../../schemas/errors/errors";
import { TRANSITIONS } from "./product.domain";
import type { ProductsContext } from "./products.context";

const MAX_WAIT_MS = 2000;
const POLL_MS = 20;

/** Removes a product that is off the shelf. Facts on its outbox would be removed with it, so waits until they are published. */
export async function removeProduct({ products, cache }: ProductsContext, id: string): Promise<void> {
	for (let waitedMs = 0; waitedMs < MAX_WAIT_MS; waitedMs += POLL_MS) {
		const removable = { status: { $ne: "on_shelf" }, outboxAt: { $exists: false } } as const;
		if (await products.remove({ _id: id, ...removable })) return cache.clean(id);
		const { status } = await products.get(id);
		if (status === "on_shelf")
			throw invalidState("The product is on the shelf", {
				id,
				state: status,
				allowed: TRANSITIONS[status]
			});
		await setTimeout(POLL_MS);
	}
	throw new Refusal("SERVICE_UNAVAILABLE", "News of the product is still on its way", { id });
}
