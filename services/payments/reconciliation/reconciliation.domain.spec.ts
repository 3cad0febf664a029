import fc from "fast-check";
import type { BillRow } from "../channels/payment-channel";
import {
	compareBooks,
	subtractDays,
	listDueDays,
	listEarlierDays,
	isBillReady,
	sumEntries,
	type BookEntry
} from "./reconciliation.domain";

const at = new Date("2026-01-31T04:00:00Z");
const payment = (paymentNo: string, amount = 100): BookEntry => ({
	kind: "payment",
	paymentNo,
	refundNo: null,
	amount,
	orderId: "o",
	earliestAt: at
});
const billed = ({ kind, paymentNo, refundNo, amount }: BookEntry): BillRow => ({
	kind,
	paymentNo,
	refundNo,
	amount
});
const refund = (refundNo: string, amount = 40): BookEntry => ({
	...payment("P1", amount),
	kind: "refund",
	refundNo
});

describe("a day in Beijing", () => {
	it("follows the day before in the calendar", () => {
		expect(subtractDays("2026-03-01")).toBe("2026-02-28");
	});

	it("has its bill at the hour of the next morning", () => {
		expect(isBillReady("2026-01-31", 10, new Date("2026-02-01T01:59:59Z"))).toBe(false);
		expect(isBillReady("2026-01-31", 10, new Date("2026-02-01T02:00:00Z"))).toBe(true);
	});
});

it("knows the days before on which something may have been billed", () => {
	const since = (text: string) => listEarlierDays("2026-03-02", new Date(text), 3);

	expect(since("2026-03-01T16:00:00Z")).toEqual([]);
	expect(since("2026-03-01T15:59:59Z")).toEqual(["2026-03-01"]);
	expect(since("2026-02-28T04:00:00Z")).toEqual(["2026-03-01", "2026-02-28"]);
	expect(since("2026-01-01T04:00:00Z")).toEqual(["2026-03-01", "2026-02-28", "2026-02-27"]);
});

describe("days that are due", () => {
	const first = new Date("2026-01-29T04:00:00Z");

	it("are those since the first payment that have their bill", () => {
		const morning = new Date("2026-02-01T01:00:00Z");
		const noon = new Date("2026-02-01T04:00:00Z");

		expect(listDueDays(morning, 10, first, 7)).toEqual(["2026-01-29", "2026-01-30"]);
		expect(listDueDays(noon, 10, first, 7)).toEqual(["2026-01-29", "2026-01-30", "2026-01-31"]);
	});

	it("go back no further than they may, and are none before anybody paid", () => {
		const noon = new Date("2026-02-01T04:00:00Z");

		expect(listDueDays(noon, 10, first, 2)).toEqual(["2026-01-30", "2026-01-31"]);
		expect(listDueDays(noon, 10, null, 7)).toEqual([]);
		expect(listDueDays(noon, 10, noon, 7)).toEqual([]);
	});
});

describe("a bill against the books", () => {
	const differences = (bill: BillRow[], known: BookEntry[], expected = known) => {
		const { theirsOnly, amountDiffers, missing } = compareBooks("alipay", bill, known, expected);
		const numbers = (list: readonly { paymentNo: string; refundNo: string | null }[]) =>
			list.map(({ paymentNo, refundNo }) => refundNo ?? paymentNo);
		return [numbers(missing), numbers(theirsOnly), numbers(amountDiffers)];
	};

	it("agrees when each line stands in both, in whatever order", () => {
		const books = [payment("P1"), payment("P2"), refund("R1")];

		expect(differences(books.map(billed).reverse(), books)).toEqual([[], [], []]);
	});

	it("differs by what one of them lacks, or has with another amount", () => {
		const bill = [billed(payment("P1", 99)), billed(payment("P3")), billed(refund("R2"))];

		expect(differences(bill, [payment("P1"), payment("P2"), refund("R1")])).toEqual([
			["P2", "R1"],
			["P3", "R2"],
			["P1"]
		]);
	});

	it("takes ours of another day for a line, but misses none of them", () => {
		expect(differences([billed(payment("P1"))], [payment("P1")], [])).toEqual([[], [], []]);
	});

	it("has a number that is billed twice once too often", () => {
		const row = billed(payment("P1"));

		expect(differences([row, row], [payment("P1")])).toEqual([[], ["P1"], []]);
	});

	it("keeps apart a payment and a refund of one number", () => {
		expect(differences([billed(refund("P1"))], [payment("P1")])).toEqual([["P1"], ["P1"], []]);
	});

	it("accounts for every line and every entry exactly once", () => {
		const entries = fc.uniqueArray(
			fc.record({ no: fc.integer({ min: 1, max: 30 }), amount: fc.integer({ min: 1, max: 3 }) }),
			{ selector: ({ no }) => no }
		);
		fc.assert(
			fc.property(entries, entries, (theirs, ours) => {
				const bill = theirs.map(({ no, amount }) => billed(payment(`P${no}`, amount)));
				const books = ours.map(({ no, amount }) => payment(`P${no}`, amount));

				const { matched, missing, theirsOnly, amountDiffers } = compareBooks(
					"wechat",
					bill,
					books,
					books
				);

				expect(matched.length + theirsOnly.length).toBe(bill.length);
				expect(matched.length + missing.length).toBe(books.length);
				expect(amountDiffers.every(({ ours: a, theirs: b }) => a !== b)).toBe(true);
				const agreed = sumEntries(matched).payments.amount;
				const off = amountDiffers.reduce((sum, d) => sum + (d.theirs ?? 0) - (d.ours ?? 0), 0);
				const extra = theirsOnly.reduce((sum, d) => sum + (d.theirs ?? 0), 0);
				expect(sumEntries(bill).payments.amount).toBe(agreed + off + extra);
			})
		);
	});
});
