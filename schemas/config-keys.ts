import * as r from "./kit/rules";

type KeyDefinition<V> = { readonly rule: r.Rule<V>; readonly initial: V; readonly about: string };
const defineKey = <V>(rule: r.Rule<V>, initial: V, about: string): KeyDefinition<V> => ({
	rule,
	initial,
	about
});
const seconds = (min: number, max: number) => r.int({ min, max });
const DAY = 86_400;

/** Every config key: the rule of its value, the default, and a description. Durations are in seconds. */
export const configKeys = {
	"cart.mergeRule": defineKey(
		r.oneOf("max", "sum", "replace"),
		"max",
		"How the quantities of a guest's and a user's line of the same SKU are merged"
	),
	"cart.guestTtl": defineKey(
		seconds(60, 365 * DAY),
		30 * DAY,
		"How long a guest's cart is kept after its last change"
	),
	"inventory.lowStockAt": defineKey(
		r.int({ min: 0, max: 9999 }),
		10,
		"Available units at or below which a SKU counts as low"
	),
	"inventory.reservationGrace": defineKey(
		seconds(1, DAY),
		600,
		"How long after an order's deadline inventory asks about a reservation that is still open"
	),
	"inventory.limitPerUser": defineKey(
		r.int({ min: 0, max: 999 }),
		0,
		"Units of a SKU without a purchase limit of its own that one user may have; 0: any number"
	),
	"inventory.unpaidUnitsPerUser": defineKey(
		r.int({ min: 1, max: 1_000_000 }),
		500,
		"Units of all SKUs that one user may have in unpaid orders"
	),
	"orders.paymentTimeout": defineKey(
		seconds(1, 7 * DAY),
		1800,
		"How long an order waits for its payment before it is cancelled"
	),
	"orders.creatingTimeout": defineKey(
		seconds(5, 600),
		60,
		"After how long an order whose placing was interrupted is undone"
	),
	"orders.autoReceive": defineKey(
		seconds(1, 90 * DAY),
		7 * DAY,
		"How long after the delivery of its last parcel an order completes by itself"
	),
	"orders.autoReceiveUntracked": defineKey(
		seconds(1, 90 * DAY),
		15 * DAY,
		"How long after the sending of its last parcel an order completes by itself as long as its delivery is not known"
	),
	"orders.maxUnpaid": defineKey(r.int({ min: 1, max: 1000 }), 5, "Unpaid orders that one user may hold"),
	"orders.sweepEvery": defineKey(seconds(1, 300), 1, "Pause between two sweeps for orders past a deadline"),
	"afterSales.window": defineKey(
		seconds(1, 365 * DAY),
		7 * DAY,
		"How long after an order's completion its buyer may open after-sales cases"
	),
	"afterSales.autoApprove": defineKey(
		seconds(1, 90 * DAY),
		2 * DAY,
		"After how long an unanswered refund of goods that were not sent is approved by itself"
	),
	"afterSales.returnWithin": defineKey(
		seconds(1, 90 * DAY),
		7 * DAY,
		"How long the buyer has to send goods back before the case is cancelled"
	),
	"afterSales.sweepEvery": defineKey(
		seconds(1, 300),
		1,
		"Pause between two sweeps for after-sales cases past a deadline"
	),
	"inventory.sweepEvery": defineKey(
		seconds(1, 300),
		5,
		"Pause between two sweeps for reservations that a crash left unfinished"
	),
	"payments.sweepEvery": defineKey(
		seconds(1, 300),
		1,
		"Pause between two sweeps for payments and refunds to query at the channel"
	),
	"payments.reconcileHour": defineKey(
		r.int({ min: 0, max: 23 }),
		10,
		"Hour of the day in Beijing from which the day before is reconciled with the channels; their bills are ready at 10"
	),
	"products.sweepEvery": defineKey(
		seconds(1, 300),
		1,
		"Pause between two sweeps for products to put on or off the shelf"
	),
	"promotions.sweepEvery": defineKey(
		seconds(1, 300),
		5,
		"Pause between two sweeps for uses of promotions, coupons and points that a crash left unfinished"
	),
	"points.fenPerPoint": defineKey(r.int({ min: 1, max: 10_000 }), 1, "Fen that one point pays"),
	"points.maxPercent": defineKey(
		r.int({ min: 0, max: 100 }),
		50,
		"Most per cent of an order's goods that points may pay"
	),
	"points.perYuan": defineKey(r.int({ min: 0, max: 10_000 }), 1, "Points earned for a yuan of goods"),
	"points.keepDays": defineKey(r.int({ min: 1, max: 3650 }), 365, "How many days points last"),
	"statistics.sweepEvery": defineKey(
		seconds(1, 300),
		5,
		"Pause between two counts of what the dashboard shows"
	),
	"reviews.window": defineKey(
		seconds(60, 3650 * DAY),
		90 * DAY,
		"How long after its order completed a line can be reviewed"
	),
	"reviews.moderation": defineKey(
		r.oneOf("none", "words", "all"),
		"words",
		"Which reviews wait for approval: none, those with one of reviews.words, or all"
	),
	"reviews.words": defineKey(
		r.list(r.str({ max: 50 }), { max: 1000 }),
		[],
		"Words with which a review waits for approval, compared without regard to case, width and blanks"
	),
	"search.countEvery": defineKey(
		seconds(1, 300),
		2,
		"Pause between two writes of what shoppers looked for"
	),
	"housekeeping.sweepEvery": defineKey(
		seconds(1, 3600),
		60,
		"Pause between two removals of expired documents"
	),
	"payments.notificationsKeepDays": defineKey(
		r.int({ min: 30, max: 3650 }),
		400,
		"How many days a channel's raw notifications are kept"
	),
	"orders.failedKeepDays": defineKey(
		r.int({ min: 1, max: 3650 }),
		30,
		"How many days an order is kept whose placing failed"
	),
	"audit.keepDays": defineKey(
		r.int({ min: 30, max: 36500 }),
		1100,
		"How many days the entries of the audit log are kept"
	),
	"audit.anchorEvery": defineKey(
		r.int({ min: 1, max: 86400 }),
		3600,
		"Pause between two anchors of the audit log, which the program's log shows"
	),
	"audit.strangersPerHour": defineKey(
		r.int({ min: 1, max: 1000000 }),
		300,
		"Entries of the audit log an hour about one user who is no staff, or about one address"
	),
	"traces.keepDays": defineKey(
		r.int({ min: 1, max: 365 }),
		14,
		"How many days the spans of an order are kept"
	),
	"shipping.sweepEvery": defineKey(
		seconds(1, 300),
		1,
		"Pause between two sweeps for parcels to ask the tracking service about"
	),
	"shipping.pollAfter": defineKey(
		seconds(60, 30 * DAY),
		14_400,
		"How long the tracking service may say nothing about a parcel before it is asked; the emulated one is asked within seconds"
	),
	"shipping.trackDays": defineKey(
		r.int({ min: 1, max: 365 }),
		40,
		"How many days after its sending a parcel that was not delivered is still tracked"
	),
	"shipping.fee": defineKey(r.int({ min: 0, max: 1_000_000 }), 0, "Shipping fee of an order, in fen"),
	"shipping.freeFrom": defineKey(
		r.int({ min: 0, max: 1_000_000_000 }),
		0,
		"Items total from which shipping is free, in fen; 0: never"
	),
	"auth.openRegistration": defineKey(r.bool(), true, "Whether new users may register"),
	"auth.loginLockout": defineKey(
		seconds(1, DAY),
		900,
		"How long a phone is locked out after five wrong passwords"
	),
	"auth.failuresPerAddress": defineKey(
		r.int({ min: 5, max: 1_000_000 }),
		200,
		"Wrong passwords from one address (IPv6: from one /64) within auth.loginLockout, after which it must wait"
	),
	"auth.failuresPerPassword": defineKey(
		r.int({ min: 5, max: 1_000_000 }),
		300,
		"Wrong log-ins with one and the same password within auth.loginLockout, after which nobody may try it"
	),
	"auth.refreshRetrySeconds": defineKey(
		seconds(0, 60),
		0,
		"How long a spent refresh token may be sent again by a client that lost the answer; 0: its reuse ends the session"
	),
	"security.twoPersonProducts": defineKey(
		r.bool(),
		false,
		"Whether a product must be approved by another person than the one who submitted it"
	),
	"security.twoPersonRefundAbove": defineKey(
		r.int({ min: 0, max: 1_000_000_000 }),
		0,
		"Refunds by staff above this amount, in fen, wait for a second person; 0: none"
	),
	"security.stepUpRefundAbove": defineKey(
		r.int({ min: 0, max: 1_000_000_000 }),
		1_000_000,
		"Refunds by staff above this amount, in fen, need a recent proof of identity; 0: none"
	),
	"security.staffTotp": defineKey(
		r.bool(),
		false,
		"Whether staff need a second factor (TOTP) for every route of theirs"
	),
	"sms.perAddressHourly": defineKey(
		r.int({ min: 1, max: 1_000_000 }),
		1000,
		"Codes by SMS that one address (IPv6: one /64) may request an hour"
	),
	"sms.dailyBudget": defineKey(
		r.int({ min: 0, max: 10_000_000 }),
		20_000,
		"Text messages a day (Beijing time) of the whole shop; beyond it codes are refused"
	),
	"sms.strangersDailyBudget": defineKey(
		r.int({ min: 0, max: 10_000_000 }),
		10_000,
		"The part of sms.dailyBudget for phones without an account: registration, new phones, and log-ins to none"
	),
	"limits.uploadsPerDay": defineKey(
		r.int({ min: 1, max: 1_000_000 }),
		50,
		"Pictures that one user may upload a day"
	),
	"limits.perMinute": defineKey(
		r.int({ min: 1, max: 1_000_000 }),
		3000,
		"Requests a minute for one IP address"
	),
	"limits.writesPerMinute": defineKey(
		r.int({ min: 1, max: 1_000_000 }),
		1200,
		"Writing requests a minute for one IP address"
	),
	"limits.authPerMinute": defineKey(
		r.int({ min: 1, max: 1_000_000 }),
		300,
		"Requests a minute to /auth for one IP address"
	)
};
export type ConfigKeys = typeof configKeys;
/** The names of config keys; with `V`, of those whose value has this type. */
export type ConfigKey<V = unknown> = {
	[K in keyof ConfigKeys]: r.TypeOf<ConfigKeys[K]["rule"]> extends V ? K : never;
}[keyof ConfigKeys];
export type ConfigValue<K extends keyof ConfigKeys> = r.TypeOf<ConfigKeys[K]["rule"]>;
