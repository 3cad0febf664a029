import { EMULATED_STAGES } from "../../../../schemas/sandbox.contract";

export type Stage = (typeof EMULATED_STAGES)[number];

/** A parcel that a shop has subscribed. */
export type EmulatedParcel = {
	/** The tracking number. */
	readonly _id: string;
	readonly company: string;
	readonly callbackUrl: string;
	readonly salt: string;
	/** Oldest first. */
	readonly passed: readonly { readonly stage: Stage; readonly at: Date }[];
};

const STATES: Readonly<Record<Stage, { state: string; status: string; text: string }>> = {
	collected: { state: "1", status: "揽收", text: "【杭州市】快递员已揽收" },
	transit: { state: "0", status: "在途", text: "【嘉兴市】快件已发往下一站" },
	delivering: { state: "5", status: "派件", text: "【上海市】快递员正在派件" },
	delivered: { state: "3", status: "签收", text: "【上海市】快件已签收" }
};

/** The stage after the last one; the last of all stays. */
export function findNextStage({ passed }: Pick<EmulatedParcel, "passed">): Stage {
	const last = passed.at(-1)?.stage;
	const next = last === undefined ? 0 : EMULATED_STAGES.indexOf(last) + 1;
	return EMULATED_STAGES[Math.min(next, EMULATED_STAGES.length - 1)] ?? "delivered";
}

/** `2026-01-31 16:33:19` in China. */
const toBeijingTime = (at: Date) =>
	new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");

/** The parcel as Kuaidi100 describes it; with `until` as it was at that stage. */
export function describeParcel({ _id, company, passed }: EmulatedParcel, until?: Stage) {
	const end = until === undefined ? -1 : passed.findIndex(({ stage }) => stage === until);
	const shown = end < 0 ? passed : passed.slice(0, end + 1);
	const last = shown.at(-1)?.stage ?? "collected";
	return {
		message: "ok",
		state: STATES[last].state,
		status: "200",
		condition: "F00",
		ischeck: last === "delivered" ? "1" : "0",
		com: company,
		nu: _id,
		data: shown.toReversed().map(({ stage, at }) => ({
			context: STATES[stage].text,
			time: toBeijingTime(at),
			ftime: toBeijingTime(at),
			status: STATES[stage].status,
			areaName: /【([^【】]+)】/.exec(STATES[stage].text)?.[1] ?? ""
		}))
	};
}
