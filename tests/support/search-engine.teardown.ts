import { stopStarted } from "./search-engine.setup";

export default async function tearDown(): Promise<void> {
	await stopStarted();
}
