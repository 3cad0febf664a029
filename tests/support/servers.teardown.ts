import { stopStarted } from "./servers.setup";
import { stopSharedShops } from "./shared-shop/shops";

/** The shops first: they use the servers until their end. */
export default async function tearDown(): Promise<void> {
	await stopSharedShops().finally(stopStarted);
}
