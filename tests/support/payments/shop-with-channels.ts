import { ShopProcess } from "../shop-process";
import { ChannelServer } from "./channel-server";
import { PayingShop } from "./paying-shop";
import { StockedShop } from "./stocked-shop";

/** Starts a shop in this process whose channels are a channel server. */
export async function startShopWithChannels() {
	const channelServer = await ChannelServer.start();
	const payingShop = await PayingShop.start(1000, channelServer.env);
	const close = async () => {
		await payingShop.shop.stop();
		await channelServer.stop();
	};
	return { channelServer, payingShop, close };
}

/** Starts a shop in a process of its own whose channels are a channel server. */
export async function startShopProcessWithChannels(env: Readonly<Record<string, string>> = {}) {
	const channelServer = await ChannelServer.start();
	const stockedShop = await StockedShop.at(await ShopProcess.start({ ...channelServer.env, ...env }));
	const close = async () => {
		await stockedShop.shop.remove();
		await channelServer.stop();
	};
	return { channelServer, stockedShop, close };
}
