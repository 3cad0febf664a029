import { decideAfterRefund } from "./invoice.domain";

const at = new Date(0);
const issued = { number: "1", url: "/1.pdf", amount: 100, issuedAt: at };

it("asks for another invoice once a refund has made the issued one wrong", () => {
	expect(decideAfterRefund({ status: "issued", issued, replaced: [] }, 60, at)).toEqual({
		status: "requested",
		reason: "refunded",
		replaced: [{ ...issued, replacedAt: at }]
	});
});

it("ends the invoice of an order that has nothing left", () => {
	const ended = { status: "rejected", reason: "refunded" };

	expect(decideAfterRefund({ status: "issued", issued, replaced: [] }, 0, at)).toMatchObject(ended);
	expect(decideAfterRefund({ status: "requested", replaced: [] }, 0, at)).toMatchObject(ended);
});

it("leaves an invoice alone that is right, or not issued yet", () => {
	expect(decideAfterRefund({ status: "issued", issued, replaced: [] }, 100, at)).toBeNull();
	expect(decideAfterRefund({ status: "requested", replaced: [] }, 60, at)).toBeNull();
	expect(decideAfterRefund({ status: "rejected", replaced: [] }, 0, at)).toBeNull();
});
