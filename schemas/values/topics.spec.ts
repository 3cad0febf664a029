import { findBadTopic, matchesTopic } from "./topics";

it.each([
	["*", "order.paid", true],
	["order.*", "order.paid", true],
	["order.*", "order_line.paid", false],
	["order.*", "orders.paid", false],
	["order.paid", "order.paid", true],
	["order.paid", "order.partly_refunded", false]
])("%s selects %s: %s", (topic, fact, selected) => {
	expect(matchesTopic(topic, fact)).toBe(selected);
});

it.each(["", "order", "order.", ".paid", "*.paid", "order.**", "Order.paid", "order.paid ", "nothing.*"])(
	"refuses the topic %p",
	topic => {
		expect(findBadTopic(["order.*", topic], ["order.paid"])).toBe(topic);
	}
);
