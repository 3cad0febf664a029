/** Work on one key neither waits for the work before it nor shares its write. */
const ONE_BESIDE_THE_OTHER = [
	{
		file: "infrastructure/keyed-batcher.ts",
		from: "open.items.length < this.maxBatchSize",
		to: "open.items.length < 1"
	},
	{
		file: "infrastructure/keyed-mutex.ts",
		from: "(lastByKey.get(key) ?? Promise.resolve()).then(job, job)",
		to: "Promise.resolve().then(job, job)"
	}
];

/**
 * Faults known from other shops, seeded one at a time. Each edit replaces a text that occurs once in its file.
 * @type {readonly { name: string; says: string; edits: readonly { file: string; from: string; to: string }[] }[]}
 */
module.exports = [
	{
		name: "read-then-write",
		says: "stock is read, changed and written back, without a guard and one beside the other",
		edits: [
			{
				file: "services/inventory/stock-counter.ts",
				from: "{ _id: stock._id, version: stock.version },",
				to: "{ _id: stock._id },"
			},
			...ONE_BESIDE_THE_OTHER
		]
	},
	{
		name: "no-late-refund",
		says: "money for an order that does not take it is kept",
		edits: [
			{
				file: "services/orders/order.domain.ts",
				from: 'return order.status === "pending_payment" && fits ? "pay" : "refuse";',
				to: 'return order.status === "pending_payment" && fits ? "pay" : "repeat";'
			}
		]
	},
	{
		name: "no-dedup",
		says: "the second notification of a payment counts as a second payment",
		edits: [
			{
				file: "services/payments/mark-payment.ts",
				from: "{ _id, status: { $in: CAN_SUCCEED } },\n\t\t{\n\t\t\t$set: {\n\t\t\t\tstatus:",
				to: "{ _id },\n\t\t{\n\t\t\t$set: {\n\t\t\t\tstatus:"
			},
			{
				file: "services/orders/order.domain.ts",
				from: "if (order.paymentId === payment.paymentId || order.refusedPayments.includes(payment.paymentId))",
				to: "if (order.refusedPayments.includes(payment.paymentId))"
			}
		]
	},
	{
		name: "new-refund-number",
		says: "each try of a refund has a number of its own at the channel",
		edits: [
			{
				file: "services/payments/refunds/send-refund.ts",
				from: "refundNo: refund._id,\n\t\tamount: refund.amount,",
				to: "refundNo: `${refund._id}${refund.pollCount}`,\n\t\tamount: refund.amount,"
			}
		]
	},
	{
		name: "status-unguarded",
		says: "an order is moved on without a look at where it is",
		edits: [
			{
				file: "services/orders/order.transitions.ts",
				from: "guard: {\n\t\t\tstatus: order.status,",
				to: "guard: {"
			}
		]
	},
	{
		name: "forgotten-release",
		says: "a cancelled order keeps its stock",
		edits: [
			{
				file: "services/inventory/inventory.service.ts",
				from: '"order.cancelled"(ctx) {\n\t\t\tawait releaseStock(this, ctx.params.orderId);',
				to: '"order.cancelled"(_ctx) {\n\t\t\tawait Promise.resolve();'
			}
		]
	},
	{
		name: "oversell",
		says: "the last unit is sold as often as it is asked for",
		edits: [
			{
				file: "services/inventory/stock.domain.ts",
				from: "return Math.min(next.available, next.reserved, next.sold) < 0 ? null : next;",
				to: "return next;"
			},
			{
				file: "services/inventory/reserve-stock.ts",
				from: ".filter(s => s.available < s.requested)",
				to: ".filter(() => false)"
			},
			{
				file: "services/inventory/inventory.service.ts",
				from: "({ skuId, available: available.get(skuId) ?? 0 })",
				to: "({ skuId, available: Math.max(available.get(skuId) ?? 0, 9999) })"
			}
		]
	},
	{
		name: "limit-unguarded",
		says: "what a user has of a limited SKU is read, changed and written back",
		edits: [
			{
				file: "services/orders/purchase-limit.ts",
				from: "guard: { version },",
				to: "guard: {},"
			}
		]
	},
	{
		name: "coupon-used-twice",
		says: "a coupon is used without a look at whether it is used already",
		edits: [
			{
				file: "services/coupons/use-coupon.ts",
				from: '\t\t\tuserId,\n\t\t\tstatus: "unused",',
				to: "\t\t\tuserId,"
			}
		]
	},
	{
		name: "quota-unguarded",
		says: "what is left of a flash sale is read, counted and written back, without a guard and one beside the other",
		edits: [
			{
				file: "mixins/quotas.ts",
				from: "{ _id: quotaId, version: quota.version },",
				to: "{ _id: quotaId },"
			},
			...ONE_BESIDE_THE_OTHER
		]
	},
	{
		name: "points-returned-twice",
		says: "twice as many points come back as an order used",
		edits: [
			{
				file: "services/points/account.domain.ts",
				from: 'const due = shareOf(used, order) - sumOf("returned");',
				to: 'const due = shareOf(used, order) * 2 - sumOf("returned");'
			}
		]
	},
	{
		name: "fact-forgotten",
		says: "an order is paid and tells nobody",
		edits: [
			{
				file: "services/orders/apply-payment.ts",
				from: '},\n\t\tfact("order.paid", {\n\t\t\torderId: order._id,\n\t\t\tuserId: order.userId,\n\t\t\tpaymentId,\n\t\t\ttotal: order.total,\n\t\t\tpointsEarned: order.points?.earn ?? 0,\n\t\t\tpaidAt,\n\t\t\tlines: toSoldLines(order)\n\t\t})',
				to: "}"
			}
		]
	},
	{
		name: "key-ignored",
		says: "the idempotency key is not looked at",
		edits: [
			{
				file: "services/idempotency/claim.domain.ts",
				from: 'if (claim.state === "done") return "replay";',
				to: 'if (claim.state === "done") return "run";'
			},
			{
				file: "services/orders/place-once.ts",
				from: "const placeKey = `${userId}:${key}`;",
				to: "const placeKey = `${userId}:${key}:${Math.random()}`;"
			}
		]
	},
	{
		name: "unit-given-back-twice",
		says: "a unit that a case asks for is refunded by staff as well",
		edits: [
			{
				file: "services/orders/unit-claims.domain.ts",
				from: 'const isHeld = ({ state }: UnitClaim): boolean => state !== "released";',
				to: 'const isHeld = ({ state, kind }: UnitClaim): boolean => state !== "released" && kind !== "case";'
			},
			{
				file: "services/orders/unit-claims.domain.ts",
				from: "unsent: quantity - shipped - heldQuantity - cancelledQuantity,",
				to: "unsent: quantity - shipped - 0 * (heldQuantity + cancelledQuantity),"
			},
			{
				file: "services/payments/refunds/refund-payment.ts",
				from: "{ refundUnits: { $nin: part.units } }",
				to: "{}"
			}
		]
	},
	{
		name: "restocked-twice",
		says: "units of a refund that is told twice go back into stock twice",
		edits: [
			{
				file: "services/inventory/return-units.ts",
				from: "returns.some(({ cause }) => cause === part.cause)",
				to: "returns.some(() => false)"
			},
			{
				file: "services/inventory/reservation.domain.ts",
				from: '`${makeCause(orderId, "return")}:${cause}`',
				to: '`${makeCause(orderId, "return")}:${cause}:${Math.random()}`'
			}
		]
	},
	{
		name: "list-price-refunded",
		says: "a unit is refunded at its price, without its share of the discounts",
		edits: [
			{
				file: "services/orders/unit-claims.domain.ts",
				from: "function priceUnits({ skuId, quantity, amount }: StoredItem)",
				to: "function priceUnits({ skuId, quantity, price }: StoredItem)"
			},
			{
				file: "services/orders/unit-claims.domain.ts",
				from: "const share = Math.floor(amount / quantity);",
				to: "const amount = price * quantity, share = price;"
			}
		]
	},
	{
		name: "discount-re-spread",
		says: "the units that are left after a partial refund bear the whole discount of their line",
		edits: [
			{
				file: "services/orders/unit-claims.domain.ts",
				from: "const units = priceUnits(item)",
				to: "const discount = item.price * item.quantity - item.amount;\n\t\tconst rest = item.quantity - sumLines(claims, skuId) || 1;\n\t\tconst units = priceUnits({ ...item, amount: item.quantity * Math.floor(item.price - discount / rest) })"
			}
		]
	},
	{
		name: "approved-after-cancel",
		says: "a case that was withdrawn meanwhile is approved",
		edits: [
			{
				file: "services/after-sales/after-sale.transitions.ts",
				from: "const guard = { _id: afterSale._id, status: afterSale.status, attempts: afterSale.attempts };",
				to: "const guard = { _id: afterSale._id, attempts: afterSale.attempts };"
			}
		]
	}
];
