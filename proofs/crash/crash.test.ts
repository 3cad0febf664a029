import { CrashingShop, type CrashPoint } from "./crashing-shop";
import { SCENARIOS } from "./scenarios";

const findScenario = (name: string) => {
	const scenario = SCENARIOS.find(one => one.name === name);
	if (!scenario) throw new Error(`No such scenario: ${name}`);
	return scenario;
};

let shop: CrashingShop;
beforeAll(async () => {
	shop = await CrashingShop.open(false);
});
afterAll(() => shop.close());

/** The most critical of the points that `npm run test:crash` discovers by itself. */
const CRITICAL_POINTS: readonly [scenario: string, when: CrashPoint["when"], step: string][] = [
	["paid by alipay", "after", "orders.change:paid"],
	["paid by alipay", "before", "consume inventory order.paid"],
	["cancelled", "before", "orders.change:cancelled"],
	["cancelled", "after", "orders.change:cancelled"],
	["paid by wechat, cancelled by staff", "after", "orders.change:refunding"]
];

it.each(CRITICAL_POINTS)("%s: is consistent within 30 s of a crash %s %s", async (name, when, step) => {
	const { wrong } = await shop.crash({ scenario: findScenario(name), when, step });

	expect(wrong).toEqual([]);
});

it("continues a payment after a crash between the channel's answer and its saving [47]", async () => {
	const scenario = findScenario("paid by wechat");

	const { wrong } = await shop.crash({
		scenario: scenario,
		when: "after",
		step: "channel wechat/v3/pay/transactions/native"
	});

	expect(wrong).toEqual([]);
});

it("has lost, doubled and miscounted nothing after all of these crashes", async () => {
	expect(await shop.checkEverything()).toEqual([]);
});
