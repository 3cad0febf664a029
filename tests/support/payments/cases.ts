/**
 * Faults of and attacks on payments, by number: the situation, and the required result. A test that shows some of them over
 * HTTP at the gateway ends its title with their numbers: `… [4]`, `… [4, 13]`. `npm run test:cases` runs these tests.
 */
export const CASES: ReadonlyMap<number, string> = new Map([
	[1, "one notification arrives 100 times in turn → paid once, every one acknowledged"],
	[2, "one notification arrives 50 times at once → paid once"],
	[3, "yesterday's notification is sent again → changes nothing"],
	[4, "a stranger's key signs a notification → rejected, changes nothing"],
	[5, "a bit of a notification is flipped → rejected"],
	[6, "a notification names another kind of signature, or several → rejected, no 5xx"],
	[7, "WeChat Pay probes with a wrong signature → rejected"],
	[8, "1000 notifications name unknown keys → rejected, no storm of requests for keys"],
	[9, "a notification names a key like a member of every object → rejected"],
	[10, "a notification is 301 s early or late → rejected; at 299 s → accepted"],
	[11, "a notification lacks one of its headers → rejected"],
	[12, "a notification's encrypted content has a wrong tag, context, nonce or key → rejected, alert"],
	[13, "the shop's own key signs a notification → rejected"],
	[14, "a genuine notification has another amount, or none → unpaid, staff see it"],
	[15, "a genuine notification is meant for another app → unpaid, staff see it"],
	[16, "a genuine notification is meant for another merchant → unpaid, staff see it"],
	[17, "a genuine notification is in dollars → unpaid, staff see it"],
	[18, "a signed subject is re-split into a larger total → rejected"],
	[19, "a notification has a field twice → rejected"],
	[20, "a subject with %, +, & and emoji → paid"],
	[21, "a notification of an unknown payment → stored, alert, staff see it"],
	[
		22,
		"a notification has the number of another order's payment, with another amount → neither is paid, staff see it"
	],
	[23, "a refund's event has a payment's number → changes nothing"],
	[24, "Alipay notifies a partial refund as a success → no second payment"],
	[25, "Alipay notifies a full refund as a close → the order is refunded, not expired"],
	[26, "the notification arrives before the channel's answer → paid once"],
	[27, "the notification arrives before the shopper returns, or the shopper never does → paid"],
	[28, "a forged return claims that it is paid → only the channel's answer counts"],
	[29, "no notification arrives → the shop polls, paid within 60 s"],
	[30, "notification, poll and return at once → paid once"],
	[
		31,
		"races of payment and expiry (120; PAYMENT_RACES=1000) → paid, or cancelled and refunded; stock adds up"
	],
	[32, "money arrives after the order expired → refunded within 60 s"],
	[33, "a code is scanned after the shopper cancelled → refunded"],
	[34, "both channels take the money → one payment is kept, one refunded"],
	[35, "two tabs pay by the same channel → the same payment"],
	[36, "a payment of an order that is paid, cancelled or another user's → 409, 409, 404"],
	[37, "a price changes between order and payment → the order's own price is paid"],
	[38, "a refund is clicked twice → refunded once"],
	[39, "partial refunds, a fen too many in all → the last is refused"],
	[40, "50 partial refunds at once → never more than was paid"],
	[41, "a refund's number is repeated with another amount → refused, the channel is asked once"],
	[42, "the channel closes an accepted refund, or calls it abnormal → staff see it and decide"],
	[43, "a refund of what was never paid → 409"],
	[44, "the answer to a refund is lost, the money moves → queried, no second number"],
	[45, "a channel hangs, fails, breaks off, answers nonsense or unsigned → unknown, asked again, in time"],
	[46, "the channel says unpaid, and later takes the money → paid"],
	[47, "the shop dies after the channel's call, before its write → found out by polling"],
	[48, "the store is down when a notification arrives → 5xx, and later paid once"],
	[49, "the shop's clock is ten minutes off → no payment is begun, alert"],
	[50, "in UTC and in Shanghai → the same bytes are sent"],
	[51, "a notification of 64 KB and a byte → 413"],
	[52, "a notification that is a gzip bomb or of another type → rejected"],
	[53, "500 badly signed notifications at once → rejected, a good one among them is accepted"],
	[54, "an Idempotency-Key again: same, other body, other user, in flight, old, forgotten → one effect"],
	[55, "a client names amount, state or payer → refused"],
	[56, "a bill lacks rows, has more, has others → each in its list, nothing else"],
	[57, "the logs of all this → no secret, no buyer's id"],
	[58, "the platform changes its key → good under the old and the new one"]
]);

const BRACKETS = / \[(\d+(?:, \d+)*)\]$/;
/** For jest's `--testNamePattern`. */
export const TITLE_WITH_CASES = BRACKETS.source;

/** The case numbers at the end of a test's title. */
export const parseCases = (title: string): number[] =>
	BRACKETS.exec(title)?.[1]?.split(", ").map(Number) ?? [];
