import { IMPOSTOR } from "../../../infrastructure/sandbox-keys/keys";
import {
	aPaymentRequest,
	CREATE_CLIENT,
	START_CHANNEL,
	startServer,
	type EmulatedChannel
} from "../../support/payments/emulated-channels";

describe.each(["alipay", "wechat"] as const)("%s's bill", name => {
	let there: EmulatedChannel;
	beforeEach(async () => {
		there = await START_CHANNEL[name]();
	});
	afterEach(() => there.stop());

	/** Pays 123.45 yuan now. */
	async function paid(): Promise<string> {
		const { paymentNo } = await placed();
		await there.emulator.pay(paymentNo, "success");
		return paymentNo;
	}
	async function placed() {
		const session = aPaymentRequest(there.clock);
		await there.channel.create(session);
		return session;
	}
	const row = (paymentNo: string, refundNo: string | null = null, amount = 12_345) => ({
		kind: refundNo === null ? "payment" : "refund",
		paymentNo,
		refundNo,
		amount
	});

	it("holds the payments and refunds of a Beijing day, and nothing else", async () => {
		there.clock.now = new Date("2026-01-30T15:59:59Z"); // a second before Beijing's midnight
		await paid();
		there.clock.advance(1);
		const first = await paid();
		await placed();
		const refund = { paymentNo: first, refundNo: "R_1", amount: 345, total: 12_345, reason: "破损" };
		await there.channel.refund(refund);
		there.clock.now = new Date("2026-01-31T15:59:59Z");
		const last = await paid();
		there.clock.advance(1);
		await paid();
		await there.channel.refund({ ...refund, refundNo: "R_2" });

		const bill = await there.channel.bill("2026-01-31");

		const rows = [row(first), row(first, "R_1", 345), row(last)];
		expect(bill).toEqual({ outcome: "bill", rows });
	});

	it("is empty for a day without payments and refunds", async () => {
		expect(await there.channel.bill("2026-01-30")).toEqual({ outcome: "bill", rows: [] });
	});

	it("is refused to another merchant", async () => {
		await paid();
		const impostor = CREATE_CLIENT[name](there.baseUrl, there.clock, { privateKey: IMPOSTOR.privateKey });

		const { outcome } = await impostor.bill("2026-01-31");

		expect(["refused", "unknown"]).toContain(outcome);
	});

	/** The channel behind a proxy that changes its files. */
	async function altered(change: (file: Buffer) => { status?: number; body: Buffer }) {
		const { baseUrl, stop } = await startServer(async (request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(Buffer.from(chunk));
			const { method = "GET", headers, url = "" } = request;
			const answer = await fetch(there.baseUrl + url, {
				method,
				headers: Object.fromEntries(
					Object.entries(headers).filter(
						([header]) => !/^(host|connection|content-length)$/.test(header)
					)
				) as Record<string, string>,
				...(method === "POST" && { body: Buffer.concat(chunks) })
			});
			const body = Buffer.from(await answer.arrayBuffer());
			const isFile = /^\/(downloadBillFile|v3\/billdownload)/.test(url);
			const sent = isFile ? change(body) : { body };
			const signed = [...answer.headers].filter(([header]) => header.startsWith("wechatpay-"));
			response.writeHead(sent.status ?? answer.status, Object.fromEntries(signed)).end(sent.body);
		});
		there.announceAt(baseUrl);
		const bill = await CREATE_CLIENT[name](baseUrl, there.clock).bill("2026-01-31");
		await stop();
		return bill;
	}

	it("is read through a proxy that changes nothing", async () => {
		const paymentNo = await paid();

		expect(await altered(body => ({ body }))).toEqual({ outcome: "bill", rows: [row(paymentNo)] });
	});

	it.each([
		["is cut off", (file: Buffer) => ({ body: file.subarray(0, -10) })],
		["is changed", (file: Buffer) => ({ body: flipped(file) })],
		["is an error page", () => ({ body: Buffer.from("<html>Bad gateway</html>") })],
		["comes with status 500", (body: Buffer) => ({ status: 500, body })]
	])("is unknown when the file %s", async (_, change) => {
		await paid();

		expect(await altered(change)).toMatchObject({ outcome: "unknown" });
	});
});

/** Flips one bit in the middle of the content. */
function flipped(file: Buffer): Buffer {
	const changed = Buffer.from(file);
	const at = Math.floor(file.length / 2);
	changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
	return changed;
}
