import fc from "fast-check";
import { configKeys } from "../../schemas/config-keys";
import {
	assertValue,
	changeId,
	effectiveValues,
	findFaults,
	KEYS,
	requireKey,
	revisionOf,
	toHistoryPage,
	toView,
	type ConfigChange
} from "./config-value.domain";

const aChange = (key: string, value: unknown, more: Partial<ConfigChange> = {}): ConfigChange => ({
	_id: changeId(1),
	key,
	version: 1,
	value,
	by: "admin-1",
	at: new Date("2026-01-31T08:00:00.000Z"),
	...more
});

it.each(KEYS)("has an initial value for %s that its own rule admits", key => {
	expect(findFaults(key, configKeys[key].initial)).toEqual([]);
});

it.each<[string, Parameters<typeof assertValue>[0], unknown]>([
	["a text for a number", "orders.maxUnpaid", "5"],
	["a fraction", "orders.maxUnpaid", 1.5],
	["a number below the range", "orders.maxUnpaid", 0],
	["a number above the range", "orders.maxUnpaid", 1001],
	["a choice that is none", "cart.mergeRule", "min"],
	["a number for a switch", "auth.openRegistration", 1],
	["null", "auth.openRegistration", null],
	["nothing", "shipping.fee", undefined],
	["an object", "shipping.fee", { $gt: 0 }],
	["a list", "shipping.fee", [5]]
])("refuses %s and names the field", (_, key, value) => {
	expect(() => assertValue(key, value)).toThrow(
		expect.objectContaining({
			type: "VALIDATION_ERROR",
			data: [expect.objectContaining({ field: "value" })]
		})
	);
});

it.each(["", "cart", "__proto__", "constructor", "cart.mergerule"])("does not know the key %p", key => {
	expect(() => requireKey(key)).toThrow(expect.objectContaining({ type: "NOT_FOUND" }));
});

it("shows the initial value, as version 0, until there is another", () => {
	const view = toView("orders.maxUnpaid", null);

	expect(view).toMatchObject({ value: 5, default: 5, version: 0, updatedAt: null, updatedBy: null });
	expect(view.schema).toMatchObject({ type: "integer", minimum: 1, maximum: 1000 });
});

it("shows the last value and who set it", () => {
	const view = toView("orders.maxUnpaid", aChange("orders.maxUnpaid", 7, { version: 3 }));

	expect(view).toMatchObject({
		value: 7,
		default: 5,
		version: 3,
		updatedAt: "2026-01-31T08:00:00.000Z",
		updatedBy: "admin-1"
	});
});

it("leaves out values of keys that are gone, and those that the rule of today refuses", () => {
	const latest = [
		aChange("cart.mergeRule", "sum"),
		aChange("orders.maxUnpaid", 0),
		aChange("gone.long.ago", 1)
	];

	const values = effectiveValues(latest);

	expect(values).toEqual({ "cart.mergeRule": "sum" });
	expect(toView("orders.maxUnpaid", aChange("orders.maxUnpaid", 0)).value).toBe(5);
});

it.each([
	[0, 1, [0]],
	[1, 1, [1, 0]],
	[2, 1, [2, 1]],
	[2, 2, [0]],
	[3, 2, [1, 0]],
	[2, 3, []]
])(
	"ends the history of %i changes with the default: page %i of two entries is %j",
	(total, page, versions) => {
		const newestFirst = Array.from({ length: total }, (_, i) =>
			aChange("orders.maxUnpaid", 6, { version: total - i })
		);
		const items = newestFirst.slice((page - 1) * 2, page * 2);

		const shown = toHistoryPage("orders.maxUnpaid", { items, page, pageSize: 2, total });

		expect(shown.items.map(({ version }) => version)).toEqual(versions);
		expect(shown.total).toBe(total + 1);
		for (const { version, value, by } of shown.items)
			expect([value, by]).toEqual(version === 0 ? [5, null] : [6, "admin-1"]);
	}
);

it("orders the ids of changes as it counts them", () => {
	fc.assert(
		fc.property(fc.nat(), fc.nat(), (a, b) => {
			expect(Math.sign(a - b)).toBe(changeId(a) < changeId(b) ? -1 : changeId(a) > changeId(b) ? 1 : 0);
			expect(revisionOf(aChange("k", 1, { _id: changeId(a) }))).toBe(a);
		})
	);
});
