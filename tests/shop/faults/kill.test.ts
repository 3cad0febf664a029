import { ShopProcess } from "../../support/shop-process";
import { Trade } from "../../support/trade-through-faults";

/** More with `KILLS=50`; few in the suite, for the sake of time. */
const KILLS = Number(process.env["KILLS"] ?? 5);

let shop: ShopProcess;
beforeAll(async () => {
	shop = await ShopProcess.start();
});
afterAll(() => shop.remove());

it(`breaks no invariant through ${KILLS} kills in the middle of trade`, async () => {
	const trade = await Trade.open(shop);

	for (let kill = 0; kill < KILLS; kill++) {
		await trade.during(async () => {
			await trade.goesOn(5 + kill);
			await shop.end("SIGKILL");
		});
		await shop.start();
	}

	await trade.isKept();
});
