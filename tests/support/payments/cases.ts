/**
 * What goes wrong with money, or is tried: what is done, and what has to come of it. A test that shows some of it over HTTP
 * against the gateway ends its title in their numbers: `… [4]`, `… [4, 13]`. `npm run test:cases` runs these.
 */
export const CASES: ReadonlyMap<number, string> = new Map([
	[1, "one notice comes 100 times in turn → paid once, every one acknowledged"],
	[2, "one notice comes 50 times at once → paid once"],
	[3, "a notice of yesterday is sent again → changes nothing"],
	[4, "somebody else's key signs a notice → turned away, changes nothing"],
	[5, "a bit of a notice is flipped → turned away"],
	[6, "a notice names another kind of signature, or several → turned away, no 5xx"],
	[7, "WeChat Pay probes with a wrong signature → turned away"],
	[8, "1000 notices name unknown keys → turned away, no storm of questions for keys"],
	[9, "a notice names a key like a member of every object → turned away"],
	[10, "a notice is 301 s early or late → turned away; at 299 s → taken"],
	[11, "a notice lacks one of its headers → turned away"],
	[12, "what a notice seals does not open: tag, context, nonce, key → turned away, alert"],
	[13, "our own key signs a notice → turned away"],
	[14, "a genuine notice tells of another amount, or of none → unpaid, a person sees it"],
	[15, "a genuine notice is meant for another app → unpaid, a person sees it"],
	[16, "a genuine notice is meant for another merchant → unpaid, a person sees it"],
	[17, "a genuine notice tells of dollars → unpaid, a person sees it"],
	[18, "a signed subject is cut into a larger total → turned away"],
	[19, "a notice has a field twice → turned away"],
	[20, "a subject with %, +, & and emoji → paid"],
	[21, "a notice of a payment that we don't know → kept, alert, a person sees it"],
	[
		22,
		"a notice bears the number of another's order with another amount → neither is paid, a person sees it"
	],
	[23, "an event of a refund bears a payment's number → changes nothing"],
	[24, "Alipay tells of a part sent back as of a success → no second payment"],
	[25, "Alipay tells of all sent back as of a close → the order is refunded, not out of time"],
	[26, "the notice comes before the channel's answer → paid once"],
	[27, "the notice comes before the shopper returns, who may never → paid"],
	[28, "a forged return says that it is paid → only the channel's answer counts"],
	[29, "no notice comes → the shop asks, paid within 60 s"],
	[30, "notice, question and return at once → paid once"],
	[
		31,
		"races of paying and running out of time (250; PAYMENT_RACES=1000) → paid, or cancelled and sent back; stock adds up"
	],
	[32, "money comes after the order ran out → sent back within 60 s"],
	[33, "a code is scanned after the shopper cancelled → sent back"],
	[34, "both channels take the money → one payment is kept, one sent back"],
	[35, "two tabs pay by the same channel → the same payment"],
	[36, "an order that is paid, cancelled or another's is to be paid → 409, 409, 404"],
	[37, "a price changes between order and payment → the order's own price is paid"],
	[38, "a refund is clicked twice → sent back once"],
	[39, "parts are to be sent back, a fen too many in all → the last is refused"],
	[40, "50 parts are to be sent back at once → never more than was paid"],
	[41, "a refund's number comes with another amount → refused, the channel is asked once"],
	[42, "a refund under way is closed or abnormal at the channel → left to a person, who sees it"],
	[43, "what was never paid is to be sent back → 409"],
	[44, "the answer to a refund is lost, the money moves → asked after, no second number"],
	[45, "a channel hangs, fails, breaks off, answers nonsense or unsigned → unknown, asked again, in time"],
	[46, "the channel says unpaid, and later takes the money → paid"],
	[47, "the shop dies after the channel's call, before it wrote → found out by asking"],
	[48, "the store is down when a notice comes → 5xx, and later paid once"],
	[49, "our clock is ten minutes off → no payment is begun, alert"],
	[50, "in UTC and in Shanghai → the same bytes are sent"],
	[51, "a notice of 64 KB and a byte → 413"],
	[52, "a notice that is a gzip bomb or of another type → turned away"],
	[53, "500 badly signed notices at once → turned away, a good one among them is taken"],
	[54, "an Idempotency-Key again: same, other body, other user, in flight, old, forgotten → one effect"],
	[55, "a client names amount, state or payer → refused"],
	[56, "a bill lacks rows, has more, has others → each in its list, nothing else"],
	[57, "the logs of all this → no secret, no buyer's id"],
	[58, "the platform changes its key → good under the old and the new one"]
]);

const BRACKETS = / \[(\d+(?:, \d+)*)\]$/;
/** For jest's `--testNamePattern`. */
export const SHOWS_CASES = BRACKETS.source;

/** The numbers that a test's title ends in. */
export const casesOf = (title: string): number[] => BRACKETS.exec(title)?.[1]?.split(", ").map(Number) ?? [];
