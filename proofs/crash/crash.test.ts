import { Lane, type Point } from "./crashing-shop";
import { LIVES } from "./scenarios";

const lifeOf = (name: string) => {
	const life = LIVES.find(one => one.name === name);
	if (!life) throw new Error(`No such life: ${name}`);
	return life;
};

let lane: Lane;
beforeAll(async () => {
	lane = await Lane.open(false);
}, 90_000);
afterAll(() => lane.close());

/** The most telling of what `npm run test:crash` finds by itself. */
const TELLING: readonly [life: string, when: Point["when"], step: string][] = [
	["paid by alipay", "after", "orders.change:paid"],
	["paid by alipay", "before", "relay order.paid"],
	["cancelled", "after", "orders.change:cancelled"],
	["paid by wechat, called off", "after", "orders.change:refunding"]
];

it.each(TELLING)(
	"%s: is well within 30 s of dying %s %s",
	async (name, when, step) => {
		const { wrong } = await lane.crash({ life: lifeOf(name), when, step });

		expect(wrong).toEqual([]);
	},
	90_000
);

it("goes on with a payment when it died after the channel had answered, before that was saved [47]", async () => {
	const life = lifeOf("paid by wechat");

	const { wrong } = await lane.crash({
		life,
		when: "after",
		step: "channel wechat/v3/pay/transactions/native"
	});

	expect(wrong).toEqual([]);
}, 90_000);

it("has lost, doubled and miscounted nothing after all of these deaths", async () => {
	expect(await lane.judged()).toEqual([]);
}, 90_000);
