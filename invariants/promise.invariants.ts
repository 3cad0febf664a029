import type { Doc } from "../infrastructure/documents/collection";
import { readBatches, readByIds, type InvariantsContext } from "./invariants.context";

type Claim = Doc & {
	readonly state: string;
	readonly answer: { readonly status: number; readonly body: string } | null;
};

/** A document that names an order, or a payment. */
type Naming = Doc & { readonly orderId?: string; readonly paymentId?: string };

/** The collections whose documents name orders and payments, with the field and where what it names must be. */
const REFERENCES = [
	["payments", "orderId", "orders"],
	["orders", "paymentId", "payments"],
	["after_sales", "orderId", "orders"]
] as const;

/**
 * I6: every order and payment that a client was told of is stored. A payment or a case names its order, a paid order its payment;
 * 201 answers that are kept for replays name both, but only those of earlier versions: now orders and payments are stored with
 * their key.
 */
export const findLostDocuments = async (context: InvariantsContext): Promise<string[]> => [
	...(await findLostReferences(context)),
	...(await findLostAnswers(context))
];

async function findLostReferences(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for (const [name, field, target] of REFERENCES)
		for await (const batch of readBatches<Naming>(context, name)) {
			const stored = await readByIds(context, target, [
				...new Set(batch.flatMap(doc => doc[field] ?? []))
			]);
			for (const { _id, [field]: id } of batch)
				if (id && !stored.has(id)) found.push(`${name} ${_id}: ${id} of ${target} is not there`);
		}
	return found;
}

async function findLostAnswers(context: InvariantsContext): Promise<string[]> {
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
