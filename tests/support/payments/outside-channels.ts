import { ShopProcess } from "../shop-process";
import { ChannelHouse } from "./channel-process";
import { Counter } from "./paying-shop";
import { Till } from "./till";

/** A shop whose accounts are at payment channels outside of it. */
export async function openOutside() {
	const house = await ChannelHouse.open();
	const counter = await Counter.open(1000, house.env);
	const close = async () => {
		await counter.shop.stop();
		await house.die();
	};
	return { house, counter, close };
}

/** The same, with the shop in a process of its own. */
export async function openProcessOutside(env: Readonly<Record<string, string>> = {}) {
	const house = await ChannelHouse.open();
	const till = await Till.at(await ShopProcess.start({ ...house.env, ...env }));
	const close = async () => {
		await till.shop.remove();
		await house.die();
	};
	return { house, till, close };
}
