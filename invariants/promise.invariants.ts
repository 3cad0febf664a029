import type { Doc } from "../infrastructure/documents/collection";
import { readBatches, readByIds, type InvariantsContext } from "./invariants.context";

type Claim = Doc & {
	readonly state: string;
	readonly answer: { readonly status: number; readonly body: string } | null;
};

/** I6: every order and payment that a client was given in a 201 response is stored. The responses are kept for replays. */
export async function findBrokenPromises(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const done = { state: "done" };
	for await (const claims of readBatches<Claim>(context, "idempotency_claims", done)) {
		const promised = { orders: new Set<string>(), payments: new Set<string>() };
		for (const { answer } of claims) {
			if (answer?.status !== 201) continue;
			const { data } = JSON.parse(answer.body) as {
				data?: { id?: string; orderNo?: string; paymentNo?: string };
			};
			const collection = data?.paymentNo ? "payments" : data?.orderNo ? "orders" : undefined;
			if (collection && data?.id) promised[collection].add(data.id);
		}
		for (const [collection, ids] of Object.entries(promised)) {
			const stored = await readByIds(context, collection, [...ids]);
			for (const id of ids)
				if (!stored.has(id)) found.push(`${collection} ${id} was promised and is not there`);
		}
	}
	return found;
}
