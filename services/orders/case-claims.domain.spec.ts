import { quoteClaim } from "./case-claims.domain";
import { anOrder } from "./order.fixture";

const COMPLETED_AT = Date.parse("2026-01-01T00:00:00Z");
const WINDOW_MS = 1000;
const item = {
	skuId: "a",
	productId: "p",
	name: "茶",
	image: null,
	attributes: {},
	price: 100,
	quantity: 1,
	shippedQuantity: 1,
	discount: 0,
	amount: 100
};
const order = anOrder({
	status: "completed",
	items: [item],
	total: 100,
	completedAt: new Date(COMPLETED_AT)
});
const askAt = (ms: number) =>
	quoteClaim(
		order,
		{ type: "return", items: [{ skuId: "a", quantity: 1 }] },
		new Date(COMPLETED_AT + ms),
		WINDOW_MS
	);

it("takes a case in the window's last millisecond, and none in the one at which it ends", () => {
	expect(askAt(WINDOW_MS - 1).maximum).toBe(100);
	expect(() => askAt(WINDOW_MS)).toThrow(expect.objectContaining({ type: "AFTER_SALE_CLOSED" }));
});
