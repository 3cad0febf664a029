import { exchangeHttp } from "../../../mixins/platform";
import { COMPANIES, isSignedBy, parseObject, readResult, signMd5, toFields } from "./kuaidi100.wire";
import {
	PushRejected,
	type Failed,
	type PushVerdict,
	type QueryResult,
	type SubscribeResult,
	type Tracked,
	type TrackingReport,
	type TrackingService
} from "./tracking-service";

export type Kuaidi100Account = {
	readonly baseUrl: string;
	readonly customer: string;
	readonly key: string;
	readonly salt: string;
};
type Options = Pick<TrackingService, "minQueryGapMs" | "firstPollMs"> & { readonly callbackUrl: string };

const TIMEOUT_MS = 3_000;
const MAX_BYTES = 512 * 1024;
/** Codes of a subscription that holds: a new one, and one that was there before. */
const SUBSCRIBED = ["200", "501"];

type Answered = { readonly outcome: "answered"; readonly answer: Readonly<Record<string, unknown>> };

/** Kuaidi100 (快递100): subscription and pushes (`/poll`), queries (`/poll/query.do`). https://api.kuaidi100.com/document */
export class Kuaidi100 implements TrackingService {
	readonly name = "kuaidi100";
	readonly minQueryGapMs: number;
	readonly firstPollMs: number | null;

	constructor(
		private readonly account: Kuaidi100Account,
		private readonly options: Options
	) {
		this.minQueryGapMs = options.minQueryGapMs;
		this.firstPollMs = options.firstPollMs;
	}

	async subscribe(parcel: Tracked): Promise<SubscribeResult> {
		const { key, salt } = this.account;
		const company = parcel.carrierCode ? COMPANIES[parcel.carrierCode] : "";
		const param = JSON.stringify({
			company,
			number: parcel.trackingNo,
			key,
			parameters: {
				callbackurl: this.options.callbackUrl,
				salt,
				resultv2: "1",
				autoCom: company ? "0" : "1",
				phone: parcel.phoneTail
			}
		});
		const reply = await this.post("/poll", { schema: "json", param });
		if (reply.outcome === "failed") return reply;
		const code = String(reply.answer["returnCode"]);
		return SUBSCRIBED.includes(code)
			? { outcome: "accepted" }
			: { outcome: "failed", detail: `returnCode ${code}` };
	}

	async query(parcel: Tracked): Promise<QueryResult> {
		const { key, customer } = this.account;
		const com = parcel.carrierCode ? COMPANIES[parcel.carrierCode] : "auto";
		const { trackingNo: num, phoneTail: phone } = parcel;
		const param = JSON.stringify({ com, num, phone, resultv2: "1", show: "0", order: "desc" });
		const sign = signMd5(param, key, customer);
		const reply = await this.post("/poll/query.do", { customer, sign, param });
		if (reply.outcome === "failed") return reply;
		const { answer } = reply;
		if (answer["result"] === false) {
			const code = String(answer["returnCode"]);
			return code === "500"
				? { outcome: "nothing" }
				: { outcome: "failed", detail: `returnCode ${code}` };
		}
		const report = readResult(answer);
		return report ? { outcome: "report", report } : { outcome: "nothing" };
	}

	readPush(body: Buffer): TrackingReport | null {
		const form = new URLSearchParams(body.toString("utf8"));
		const param = form.get("param") ?? "";
		if (!isSignedBy(form.get("sign") ?? "", param, this.account.salt)) throw new PushRejected("forged");
		const push = parseObject(param);
		if (!push) throw new PushRejected("unreadable");
		const result = toFields(push["lastResult"]);
		return result && readResult(result);
	}

	acknowledge(verdict: PushVerdict): { readonly status: number; readonly body: string } {
		const answers = {
			accepted: { status: 200, result: true, returnCode: "200", message: "成功" },
			rejected: { status: 401, result: false, returnCode: "401", message: "签名错误" },
			retry: { status: 503, result: false, returnCode: "500", message: "请稍后重试" }
		};
		const { status, ...body } = answers[verdict];
		return { status, body: JSON.stringify(body) };
	}

	private async post(path: string, fields: Readonly<Record<string, string>>): Promise<Answered | Failed> {
		const reply = await exchangeHttp(
			{
				method: "POST",
				url: `${this.account.baseUrl}${path}`,
				headers: { "Content-Type": "application/x-www-form-urlencoded" },
				body: new URLSearchParams(fields).toString()
			},
			{ timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES }
		);
		if ("failure" in reply) return { outcome: "failed", detail: reply.detail };
		const answer = parseObject(reply.body.toString("utf8"));
		return answer
			? { outcome: "answered", answer }
			: { outcome: "failed", detail: `HTTP ${reply.status} without JSON` };
	}
}
