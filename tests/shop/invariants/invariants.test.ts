import { spawnSync } from "node:child_process";
import type * as BackendsModule from "../../../infrastructure/backends";
import type { Report } from "../../../invariants/check-invariants";
import { aSku, StaffClient } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";
import { ROOT, RUN_TYPESCRIPT } from "../../support/root";

let shop: Shop;
let skuId: string;
beforeAll(async () => {
	shop = await startShop({ CHECK_INVARIANTS_EVERY: "1" });
	const catalogue = new StaffClient(shop, await shop.asAdmin());
	skuId = (await catalogue.addProductOnShelf({ skus: [aSku()] })).skus[0].id;
	await catalogue.addStock(skuId, 10);
	await new Shopper(shop, await shop.asUser()).order(skuId);
});
afterAll(() => shop.stop());

const NONE = {
	I1: 0,
	I2: 0,
	I3: 0,
	I4: 0,
	I5: 0,
	I6: 0,
	I7: 0,
	I8: 0,
	I9: 0,
	I10: 0,
	I11: 0,
	I12: 0,
	I13: 0,
	I14: 0,
	I15: 0
};

async function gauges() {
	const { body } = await shop.http("GET", "//metrics");
	const text = String(body.data);
	const value = (name: string) => Number(new RegExp(`^${name}\\{.*\\} (.+)$`, "m").exec(text)?.[1] ?? NaN);
	const violations = text.matchAll(/^mall_invariant_violations\{.*invariant="(\w+)".*\} (\d+)$/gm);
	const units = text.matchAll(/^mall_stock_units\{.*state="(\w+)".*\} (\d+)$/gm);
	return {
		units: Object.fromEntries([...units].map(([, state, n]) => [state, Number(n)])),
		heldOut: value("mall_stock_held_out_skus"),
		violations: Object.fromEntries([...violations].map(([, name, n]) => [name, Number(n)])),
		endedAt: value("mall_invariant_check_ended_timestamp_seconds"),
		seconds: value("mall_invariant_check_duration_seconds")
	};
}
/** The gauges after the next check. */
const afterCheck = async (before: number) =>
	until(
		"a check to end",
		async () => {
			const now = await gauges();
			return now.endedAt > before ? now : null;
		},
		90_000,
		500
	);
/** The next check to end may have begun before this; the one after it has not. */
const afterWholeCheck = async () => afterCheck((await afterCheck(Date.now() / 1000)).endedAt);
/** Changes the database by hand, as a person might by mistake. */
async function tamper(by: number): Promise<void> {
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	await backends.collection("stock").change({ _id: skuId }, { $inc: { available: by } });
}

it("shows no violation of a sound shop, and when the check ended", async () => {
	const startedAt = Date.now() / 1000;

	const { violations, endedAt, seconds, units, heldOut } = await afterWholeCheck();

	expect(violations).toEqual(NONE);
	expect([units, heldOut]).toEqual([{ available: 9, reserved: 1, sold: 0 }, 0]);
	expect(endedAt).toBeGreaterThan(startedAt - 60);
	expect(seconds).toBeGreaterThan(0);
});

it("shows a stock count that differs from its ledger once two checks have found it, until it is repaired", async () => {
	await afterCheck(Date.now() / 1000); // one has just ended, and none is under way
	await tamper(1);
	const seen = [await afterCheck((await gauges()).endedAt)];
	seen.push(await afterCheck(seen[0]?.endedAt ?? 0));
	await tamper(-1);
	seen.push(await afterCheck(seen[1]?.endedAt ?? 0));

	expect(seen.map(({ violations }) => violations)).toEqual([NONE, { ...NONE, I1: 1 }, NONE]);
	const [first, second] = seen.map(({ endedAt }) => endedAt);
	expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(1 + 9 * (seen[0]?.seconds ?? 0));
});

it("shows SKUs whose last units are held by unpaid orders", async () => {
	const catalogue = new StaffClient(shop, await shop.asAdmin());
	const last = (await catalogue.addProductOnShelf({ skus: [aSku()] })).skus[0].id;
	await catalogue.addStock(last, 1);
	const shopper = new Shopper(shop, await shop.asUser());
	const { id } = await shopper.order(last);

	const held = await afterWholeCheck();
	await shopper.mustSend("POST", `/orders/${id}/cancel`, {});
	await until("the unit to be free", async () => {
		const { reserved } = await catalogue.mustSend("GET", `/admin/inventory/${last}`);
		return reserved === 0;
	});
	const free = await afterWholeCheck();

	expect([held.heldOut, held.units.reserved]).toEqual([1, 2]);
	expect([free.heldOut, free.units.reserved]).toEqual([0, 1]);
});

it("is printed as JSON by the command", async () => {
	await tamper(-2);

	const { stdout, status } = spawnSync(
		process.execPath,
		[...RUN_TYPESCRIPT, "invariants/check-invariants.ts", "--json"],
		{ cwd: ROOT, encoding: "utf8", env: process.env }
	);

	const { ms, invariants } = JSON.parse(stdout) as Report;
	expect([status, ms > 0]).toEqual([1, true]);
	expect(invariants.map(({ name, count }) => [name, count])).toEqual(Object.entries({ ...NONE, I1: 1 }));
	expect(invariants[0]?.violations).toEqual([`${skuId}: available is -2 against its ledger`]);
});
