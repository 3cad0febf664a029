import { createHash } from "node:crypto";
import { SANDBOX_KUAIDI100 } from "../../../../mixins/platform";
import type { RawResponse } from "../../../../schemas/http.contract";
import type { SandboxContext } from "../../sandbox.context";
import type { NotificationRequest } from "../channel-emulator";
import { describeParcel, type EmulatedParcel, type Stage } from "./parcel.domain";

type Shipments = Pick<SandboxContext, "shipments">;
type Answer = Readonly<Record<string, unknown>>;

const sign = (...parts: readonly string[]) =>
	createHash("md5").update(parts.join(""), "utf8").digest("hex").toUpperCase();
const fail = (returnCode: string, message: string): Answer => ({ result: false, returnCode, message });

/** Answers the shop as Kuaidi100 does: subscriptions at `/poll`, queries at `/poll/query.do`. */
export async function emulateKuaidi100(
	context: Shipments,
	{ path, body }: { readonly path: string; readonly body: string }
): Promise<RawResponse> {
	const form = new URLSearchParams(Buffer.from(body, "base64").toString("utf8"));
	const answer = await (path.endsWith("/query.do") ? query(context, form) : subscribe(context, form));
	return {
		status: 200,
		headers: { "Content-Type": "application/json" },
		body: Buffer.from(JSON.stringify(answer)).toString("base64")
	};
}

type Subscription = {
	readonly key?: string;
	readonly company?: string;
	readonly number?: string;
	readonly parameters?: { readonly callbackurl?: string; readonly salt?: string };
};

async function subscribe({ shipments }: Shipments, form: URLSearchParams): Promise<Answer> {
	const { key, company, number, parameters } = JSON.parse(form.get("param") ?? "{}") as Subscription;
	if (key !== SANDBOX_KUAIDI100.key) return fail("600", "您不是合法的订阅者");
	if (!number || !parameters?.callbackurl) return fail("701", "拒绝订阅的快递公司或单号");
	const parcel: EmulatedParcel = {
		_id: number,
		company: company ?? "",
		callbackUrl: parameters.callbackurl,
		salt: parameters.salt ?? "",
		passed: []
	};
	return (await shipments.tryInsert(parcel))
		? { result: true, returnCode: "200", message: "提交成功" }
		: fail("501", "重复订阅");
}

async function query({ shipments }: Shipments, form: URLSearchParams): Promise<Answer> {
	const { key, customer } = SANDBOX_KUAIDI100;
	const param = form.get("param") ?? "";
	if (form.get("customer") !== customer || form.get("sign") !== sign(param, key, customer))
		return fail("503", "验证签名失败");
	const { num } = JSON.parse(param) as { readonly num?: string };
	const parcel = num === undefined ? null : await shipments.findOne({ _id: num });
	return parcel?.passed.length ? describeParcel(parcel) : fail("500", "查询无结果，请隔段时间再查");
}

/** The push about the parcel, with `until` a late one; signed with the shop's salt, or with another where it is forged. */
export function buildPush(parcel: EmulatedParcel, until: Stage, isForged: boolean): NotificationRequest {
	const lastResult = describeParcel(parcel, until);
	const isOver = until === "delivered";
	const param = JSON.stringify({
		status: isOver ? "shutdown" : "polling",
		billstatus: isOver ? "check" : "got",
		message: "",
		autoCheck: "0",
		comOld: "",
		comNew: "",
		lastResult
	});
	const fields = { sign: sign(param, isForged ? "forged" : parcel.salt), param };
	return {
		url: parcel.callbackUrl,
		headers: { "Content-Type": "application/x-www-form-urlencoded" },
		body: new URLSearchParams(fields).toString()
	};
}
