import { readStringField } from "./field";

/** The id of the order that a call is about: the parameter or field `id` in the service `orders`, `orderId` in all others. */
export const findOrderId = (service: string, params: unknown, answer: unknown): string | null =>
	readStringField(params, "orderId") ??
	readStringField(answer, "orderId") ??
	(service === "orders" ? (readStringField(params, "id") ?? readStringField(answer, "id")) : null);
