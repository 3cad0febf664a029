import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { BAD, type Link } from "../../tests/support/link";
import { FactRepublisher } from "../../tests/support/fact-republisher";
import type { ShopProcess } from "../../tests/support/shop-process";
import type { Server } from "../../tests/support/servers";
import type { History } from "./history";
import type { Random } from "./random";
import type { Target } from "./target";

/** At most this many old facts are republished at once; more would only take longer. */
const MAX_REPUBLISHED_FACTS = 2000;

type InjectableFault = { readonly what: string; readonly inject: () => Promise<void> };

/** Lists the faults that fit the shop under test. Each one undoes itself before it ends. */
function listFaults(shop: ShopProcess, { servers, links }: Target, random: Random): InjectableFault[] {
	const outage = () => pause(random.between(500, 4000));
	const killed = (name: string, server: Server, wiped = false): InjectableFault => ({
		what: `${name} killed${wiped ? " and emptied" : ""}`,
		async inject() {
			await server.kill("SIGKILL");
			await outage();
			await server.start({ wiped });
		}
	});
	const frozen = (name: string, freeze: (signal: NodeJS.Signals) => unknown): InjectableFault => ({
		what: `${name} frozen`,
		async inject() {
			await freeze("SIGSTOP");
			await outage();
			await freeze("SIGCONT");
		}
	});
	const restarted = (signal: "SIGKILL" | "SIGTERM"): InjectableFault => ({
		what: signal === "SIGKILL" ? "shop killed" : "shop restarted",
		async inject() {
			const code = await shop.end(signal);
			if (signal === "SIGTERM" && code !== 0)
				throw new Error(`Told to stop, the shop ended with ${code}`);
			await shop.start();
		}
	});
	const spoiled = (name: string, link: Link): InjectableFault[] =>
		BAD.map(state => ({
			what: `${name} ${state}`,
			async inject() {
				link.turn(state);
				await outage();
				link.turn("good");
			}
		}));
	const withFacts = (
		natsUrl: string,
		what: string,
		work: (facts: FactRepublisher) => Promise<unknown>
	): InjectableFault => ({
		what,
		async inject() {
			const facts = await FactRepublisher.connect(natsUrl, basename(shop.dataDir));
			await work(facts).finally(() => facts.close());
		}
	});
	const own = [
		restarted("SIGKILL"),
		restarted("SIGTERM"),
		frozen("shop", signal => process.kill(shop.pid, signal))
	];
	if (!servers || !links) return own;
	const { nats, mongo, redis } = servers;
	return [
		...own,
		killed("NATS", nats),
		killed("NATS", nats, true),
		frozen("NATS", signal => nats.kill(signal)),
		killed("Redis", redis),
		killed("Redis", redis, true),
		killed("documents", mongo),
		...spoiled("NATS", links.nats),
		...spoiled("documents", links.mongo),
		...spoiled("Redis", links.redis),
		withFacts(nats.url, "facts republished", facts =>
			facts.republishAll(() => random.next(), MAX_REPUBLISHED_FACTS)
		),
		withFacts(nats.url, "consumer forgotten", async facts => {
			const names = [...(await facts.consumers()).keys()];
			await facts.deleteConsumer(random.pick(names));
		})
	];
}

/** Injects a fault chosen by the seed every few seconds until trading ends; a shop that does not come back is a broken promise. */
export async function injectFaults(
	target: Target,
	history: History,
	random: Random,
	isTrading: () => boolean
): Promise<void> {
	if (!target.own) return;
	const all = listFaults(target.own, target, random);
	for (;;) {
		for (const next = Date.now() + random.between(3000, 9000); Date.now() < next; await pause(100))
			if (!isTrading()) return;
		const { what, inject } = random.pick(all);
		const { ended } = history.recordFault(what);
		try {
			await inject();
		} catch (err) {
			history.brokenPromises.push(`${what}: ${err instanceof Error ? err.message : String(err)}`);
			return;
		}
		ended();
	}
}
