import { ShopProcess } from "../shop-process";
import { ChannelServer } from "./channel-server";
import { PayingShop } from "./paying-shop";
import { StockedShop } from "./stocked-shop";

/** A shop whose accounts are at payment channels outside of it. */
export async function openShopWithChannels() {
	const house = await ChannelServer.open();
	const counter = await PayingShop.open(1000, house.env);
	const close = async () => {
		await counter.shop.stop();
		await house.stop();
	};
	return { house, counter, close };
}

/** The same, with the shop in a process of its own. */
export async function openShopProcessWithChannels(env: Readonly<Record<string, string>> = {}) {
	const house = await ChannelServer.open();
	const till = await StockedShop.at(await ShopProcess.start({ ...house.env, ...env }));
	const close = async () => {
		await till.shop.remove();
		await house.stop();
	};
	return { house, till, close };
}
