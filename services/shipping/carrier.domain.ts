/** A carrier with the other names that staff type for it. */
type Carrier = { readonly code: string; readonly name: string; readonly aliases: readonly string[] };

/** Carriers of China by the codes of their trade, the largest first. */
export const CARRIERS = [
	{ code: "SF", name: "顺丰速运", aliases: ["顺丰", "顺丰快递", "shunfeng"] },
	{ code: "ZTO", name: "中通快递", aliases: ["中通", "zhongtong"] },
	{ code: "YTO", name: "圆通速递", aliases: ["圆通", "圆通快递", "yuantong"] },
	{ code: "YD", name: "韵达快递", aliases: ["韵达", "韵达速递", "yunda"] },
	{ code: "STO", name: "申通快递", aliases: ["申通", "shentong"] },
	{ code: "JTSD", name: "极兔速递", aliases: ["极兔", "极兔快递", "jtexpress", "J&T"] },
	{ code: "JD", name: "京东物流", aliases: ["京东", "京东快递", "jd"] },
	{ code: "EMS", name: "EMS", aliases: ["中国邮政EMS", "邮政特快专递"] },
	{
		code: "YZPY",
		name: "邮政快递包裹",
		aliases: ["邮政", "中国邮政", "邮政包裹", "youzhengguonei"]
	},
	{ code: "DBL", name: "德邦快递", aliases: ["德邦", "德邦物流", "debangkuaidi"] },
	{ code: "CNSD", name: "菜鸟速递", aliases: ["菜鸟", "丹鸟", "danniao"] },
	{ code: "KYSY", name: "跨越速运", aliases: ["跨越", "kuayue"] }
] as const satisfies readonly Carrier[];
export type CarrierCode = (typeof CARRIERS)[number]["code"];

/** The carrier that is called so, whatever the case; null for one that is not in the list. */
export function findCarrierCode(written: string): CarrierCode | null {
	const name = written.trim().toLowerCase();
	const found = CARRIERS.find((carrier: Carrier) =>
		[carrier.code, carrier.name, ...carrier.aliases].some(known => known.toLowerCase() === name)
	);
	return found?.code ?? null;
}
