import type { NewTemplate } from "../../schemas/coupons.contract";
import {
	createTemplate,
	draftCoupon,
	findFaults,
	isClaimable,
	isInAudience,
	patchTemplate,
	toCouponView,
	toTerms,
	validityFrom,
	type Coupon,
	type Template
} from "./coupon.domain";

const NOW = new Date("2026-05-10T00:00:00Z");
const day = (n: number) => new Date(NOW.getTime() + n * 86_400_000);
const template = (more: Partial<NewTemplate> = {}): Template =>
	createTemplate(
		"t",
		{
			name: "Ten off",
			type: "fixed",
			value: 1000,
			scope: { all: true },
			total: 5,
			perUser: 1,
			claimFrom: day(0).toISOString(),
			claimTo: day(2).toISOString(),
			validDays: 7,
			...more
		},
		NOW
	);

describe("a template", () => {
	it.each<[string, Partial<NewTemplate>, readonly string[]]>([
		["is sound", {}, []],
		["ends before it begins", { claimTo: day(-1).toISOString() }, ["claimTo afterStart"]],
		["covers nothing", { scope: { skuIds: [] } }, ["scope scopeEmpty"]],
		["takes nothing off", { value: 0 }, ["value numberMin"]],
		["has no value", { value: null }, ["value required"]],
		["takes everything off", { type: "percent", value: 100 }, ["value numberMax"]],
		["has the value of free shipping", { type: "free_shipping" }, ["value notForType"]],
		["has a maximum that only a percentage has", { maxDiscount: 5 }, ["maxDiscount notForType"]],
		["is valid for ever", { validDays: null }, ["validTo required"]],
		["has two ends", { validTo: day(9).toISOString() }, ["validDays notForType"]]
	])("that %s", (_, more, faults) => {
		expect(findFaults(template(more)).map(({ field, type }) => `${field} ${type}`)).toEqual(faults);
	});

	it("keeps what a patch leaves out", () => {
		const patched = patchTemplate(template(), { name: "New", claimTo: day(5).toISOString() }, day(1));

		expect(patched).toEqual({
			...template(),
			name: "New",
			claimTo: day(5),
			version: 2,
			updatedAt: day(1)
		});
	});

	it("is claimable from its begin until just before its end", () => {
		expect([-1, 0, 1, 2].map(n => isClaimable(template(), day(n)))).toEqual([false, true, true, false]);
	});

	it.each<[Partial<NewTemplate>, string | null, boolean, boolean]>([
		[{}, null, false, true],
		[{ audience: { levelIds: ["gold"] } }, "gold", false, true],
		[{ audience: { levelIds: ["gold"] } }, null, true, false],
		[{ audience: { newUsers: true } }, null, false, false],
		[{ audience: { newUsers: true } }, null, true, true],
		[{ audience: { levelIds: ["gold"], newUsers: true } }, "gold", false, false]
	])("for %j: a buyer of level %j, new: %j", (more, levelId, isNew, expected) => {
		expect(isInAudience(template(more), { levelId, isNew })).toBe(expected);
	});
});

describe("a coupon", () => {
	it("is good from its claim for so many days, or in the template's own time", () => {
		const fixed = { validDays: null, validFrom: day(1).toISOString(), validTo: day(3).toISOString() };

		expect(validityFrom(template(), NOW)).toEqual({ validFrom: NOW, validTo: day(7) });
		expect(validityFrom(template(fixed), NOW)).toEqual({ validFrom: day(1), validTo: day(3) });
		expect(validityFrom(template(fixed), day(2))).toEqual({ validFrom: day(2), validTo: day(3) });
	});

	it.each<[string, Partial<Coupon>, number, string, string | null]>([
		["good", {}, 0, "unused", null],
		["not good yet", { validFrom: day(1) }, 0, "unused", "EXPIRED"],
		["over", {}, 7, "expired", "EXPIRED"],
		["used", { status: "used" }, 0, "used", "LIMIT"],
		["used and over", { status: "used" }, 7, "used", "LIMIT"]
	])("that is %s", (_, more, now, status, blocked) => {
		const coupon: Coupon = {
			...draftCoupon(template(), "c", "u", NOW),
			status: "unused",
			...more
		};

		expect([toCouponView(coupon, day(now)).status, toTerms(coupon, day(now)).blocked]).toEqual([
			status,
			blocked
		]);
	});
});
