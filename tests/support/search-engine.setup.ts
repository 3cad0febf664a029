import { startOpenSearch, type Server } from "./servers";

let started: Server | undefined;

/** Uses the search engine that the environment names, or starts one for this run. */
export default async function setUp(): Promise<void> {
	if (process.env["SEARCH_URL"]) return;
	started = await startOpenSearch();
	process.env["SEARCH_URL"] = started.url;
}

export const stopStarted = () => started?.stop();
