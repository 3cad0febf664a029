import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { BAD, type Link } from "../../tests/support/link";
import { FactRepublisher } from "../../tests/support/fact-republisher";
import type { ShopProcess } from "../../tests/support/shop-process";
import type { Server } from "../../tests/support/servers";
import type { Ledger } from "./history";
import type { Random } from "./random";
import type { Stand } from "./target";

/** So many old facts, of all since the first, are told again at once: more would only be more of the same work. */
const TOLD_AT_MOST = 2000;

type Harm = { readonly what: string; readonly strike: () => Promise<void> };

/** Everything that may be done to a shop of its own while it trades. Each ends with what it broke being back. */
function harms(shop: ShopProcess, { servers, links }: Stand, random: Random): Harm[] {
	const outage = () => pause(random.between(500, 4000));
	const killed = (name: string, server: Server, wiped = false): Harm => ({
		what: `${name} killed${wiped ? " and emptied" : ""}`,
		async strike() {
			await server.kill("SIGKILL");
			await outage();
			await server.start({ wiped });
		}
	});
	const frozen = (name: string, freeze: (signal: NodeJS.Signals) => unknown): Harm => ({
		what: `${name} frozen`,
		async strike() {
			await freeze("SIGSTOP");
			await outage();
			await freeze("SIGCONT");
		}
	});
	const restarted = (signal: "SIGKILL" | "SIGTERM"): Harm => ({
		what: signal === "SIGKILL" ? "shop killed" : "shop restarted",
		async strike() {
			const code = await shop.end(signal);
			if (signal === "SIGTERM" && code !== 0)
				throw new Error(`Told to stop, the shop ended with ${code}`);
			await shop.start();
		}
	});
	const bad = (name: string, link: Link): Harm[] =>
		BAD.map(state => ({
			what: `${name} ${state}`,
			async strike() {
				link.turn(state);
				await outage();
				link.turn("good");
			}
		}));
	const withFacts = (
		natsUrl: string,
		what: string,
		work: (facts: FactRepublisher) => Promise<unknown>
	): Harm => ({
		what,
		async strike() {
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
		...bad("NATS", links.nats),
		...bad("documents", links.mongo),
		...bad("Redis", links.redis),
		withFacts(nats.url, "facts told again", facts =>
			facts.republishAll(() => random.next(), TOLD_AT_MOST)
		),
		withFacts(nats.url, "consumer forgotten", async facts => {
			const names = [...(await facts.consumers()).keys()];
			await facts.deleteConsumer(random.pick(names));
		})
	];
}

/** Strikes by the seed's choice, every few seconds, until told to stop; a shop that does not come back is a broken promise. */
export async function torment(
	stand: Stand,
	ledger: Ledger,
	random: Random,
	going: () => boolean
): Promise<void> {
	if (!stand.own) return;
	const all = harms(stand.own, stand, random);
	for (;;) {
		for (const next = Date.now() + random.between(3000, 9000); Date.now() < next; await pause(100))
			if (!going()) return;
		const { what, strike } = random.pick(all);
		const { healed } = ledger.struck(what);
		try {
			await strike();
		} catch (err) {
			ledger.broken.push(`${what}: ${err instanceof Error ? err.message : String(err)}`);
			return;
		}
		healed();
	}
}
