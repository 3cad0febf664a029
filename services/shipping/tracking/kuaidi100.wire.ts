import { createHash, timingSafeEqual } from "node:crypto";
import type { ParcelStatus } from "../../../schemas/shipping.contract";
import type { CarrierCode } from "../carrier.domain";
import type { TrackingEvent } from "../parcel.domain";
import type { TrackingReport } from "./tracking-service";

/** Kuaidi100's codes of the carriers. */
export const COMPANIES: Readonly<Record<CarrierCode, string>> = {
	SF: "shunfeng",
	ZTO: "zhongtong",
	YTO: "yuantong",
	YD: "yunda",
	STO: "shentong",
	JTSD: "jtexpress",
	JD: "jd",
	EMS: "ems",
	YZPY: "youzhengguonei",
	DBL: "debangkuaidi",
	CNSD: "danniao",
	KYSY: "kuayue"
};

/** `state` of a parcel. Finer states have two more digits: 301 is a kind of 3. */
const STATES: Readonly<Record<number, ParcelStatus>> = {
	0: "transit",
	1: "collected",
	2: "exception",
	3: "delivered",
	4: "returned",
	5: "delivering",
	6: "returned",
	7: "transit",
	8: "transit",
	10: "transit",
	11: "transit",
	12: "transit",
	13: "exception",
	14: "exception"
};
/** `status` of an event (with `resultv2`). */
const EVENT_STATUSES: Readonly<Record<string, ParcelStatus>> = {
	揽收: "collected",
	在途: "transit",
	派件: "delivering",
	签收: "delivered",
	疑难: "exception",
	拒签: "exception",
	退签: "returned",
	退回: "returned"
};

/** MD5 of the texts joined, in capitals, as both sides sign. */
export const signMd5 = (...parts: readonly string[]): string =>
	createHash("md5").update(parts.join(""), "utf8").digest("hex").toUpperCase();

export function isSignedBy(sign: string, ...parts: readonly string[]): boolean {
	const expected = Buffer.from(signMd5(...parts));
	const given = Buffer.from(sign.toUpperCase());
	return given.length === expected.length && timingSafeEqual(given, expected);
}

type Fields = Readonly<Record<string, unknown>>;
export function parseObject(json: string): Fields | null {
	try {
		const value: unknown = JSON.parse(json);
		return toFields(value);
	} catch {
		return null;
	}
}
export const toFields = (value: unknown): Fields | null =>
	typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
const toText = (value: unknown): string =>
	typeof value === "string" || typeof value === "number" ? String(value) : "";

const MAX_EVENTS = 200;
const MAX_TEXT = 500;

/** Reads `lastResult` of a push, or the answer to a query; null where it knows of no event. */
export function readResult(result: Fields): TrackingReport | null {
	const data = Array.isArray(result["data"]) ? (result["data"] as unknown[]) : [];
	const events = data.slice(0, MAX_EVENTS).flatMap(entry => readEvent(toFields(entry) ?? {}));
	const trackingNo = toText(result["nu"]);
	if (!events.length || !trackingNo) return null;
	const state = Number(toText(result["state"]) || Number.NaN);
	const status = STATES[state >= 100 ? Math.floor(state / 100) : state] ?? "transit";
	return { trackingNo, status, events };
}

function readEvent(entry: Fields): TrackingEvent[] {
	const at = parseBeijingTime(toText(entry["ftime"]) || toText(entry["time"]));
	if (!at) return [];
	return [
		{
			at,
			status: EVENT_STATUSES[toText(entry["status"])] ?? "transit",
			text: toText(entry["context"]).slice(0, MAX_TEXT),
			place: toText(entry["areaName"]).slice(0, 100) || null
		}
	];
}

/** `2026-01-31 16:33:19` is a time in China. */
function parseBeijingTime(text: string): Date | null {
	if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
	const at = new Date(`${text.replace(" ", "T")}+08:00`);
	return Number.isNaN(at.getTime()) ? null : at;
}
