import { StaffClient } from "../tests/support/builders";
import { orderAtOnce, orderAtPace, countByCode, type Customer } from "../tests/support/crowd";
import { startOwnShop, type Target } from "../proofs/prove/target";
import { sumCpuMs, runScript } from "./processes";
import { createCustomersElsewhere, putSkusOnSale } from "./set-up-sale";

/**
 * Measures a flash sale over HTTP, embedded and on real servers: 2,000 buyers want 100 units of one SKU, spread over ten
 * seconds or with a fixed concurrency. For comparison the units are also spread over 100 SKUs, and both are run with a unit
 * for every buyer: the difference is the cost of a hot SKU. Run by `npm run bench:flash-sale [-- embedded|servers]`; exits with
 * 1 if not exactly 100 buyers get a unit or an invariant is violated. Times are of one final answer; `busy` counts the 503s
 * before it. The buyers run in this process, whose CPU time is not counted.
 */
const BUYERS = 2000;
/** Buyers and units of the rounds where everybody gets one. More would be slow: the development server slows as it fills. */
const FEW_UNITS = 600;
const UNITS = 100;
const SKUS = 100;
const MODES = process.argv[2] ? [process.argv[2]] : ["embedded", "servers"];

type Round = {
	readonly name: string;
	readonly skus: number;
	readonly units: number;
	readonly buyers?: number;
	/** Arrival of the buyers: with a fixed concurrency, or at an even pace over some seconds. */
	readonly arrival: { readonly atOnce: number } | { readonly seconds: number };
};
const ROUNDS: readonly Round[] = [
	{ name: "warm-up", skus: 10, units: UNITS, arrival: { atOnce: 32 } },
	{ name: "flash sale", skus: 1, units: UNITS, arrival: { seconds: 10 } },
	{ name: "flash sale", skus: 1, units: UNITS, arrival: { atOnce: 32 } },
	{ name: "flash sale", skus: 1, units: UNITS, arrival: { atOnce: 256 } },
	{ name: "flash sale", skus: 1, units: UNITS, arrival: { atOnce: BUYERS } },
	{ name: "flash sale, 100 SKUs", skus: SKUS, units: UNITS, arrival: { atOnce: BUYERS } },
	{ name: "all get one, 1 SKU", skus: 1, units: FEW_UNITS, buyers: FEW_UNITS, arrival: { atOnce: 32 } },
	{
		name: "all get one, 100 SKUs",
		skus: SKUS,
		units: FEW_UNITS,
		buyers: FEW_UNITS,
		arrival: { atOnce: 32 }
	}
];
const COLUMNS = ["arrival", "accepted", "sold out", "other", "busy", "buyers/s", "orders/s"];
const TIMES = ["p50 ms", "p99 ms", "max ms", "CPU ms each", "servers'"];

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

async function measure(stand: Target, staff: StaffClient, buyers: readonly Customer[], round: Round) {
	const skuIds = await putSkusOnSale(staff, round.skus, round.units);
	const servers = Object.values(stand.servers ?? {}).map(({ pid }) => pid);
	const shop = stand.own ? [stand.own.pid] : [];
	const size = round.buyers ?? BUYERS;
	const attempts = buyers
		.slice(0, size)
		.map((buyer, n) => ({ ...buyer, skuId: skuIds[n % skuIds.length] ?? "" }));
	const [own, theirs, at] = [sumCpuMs(shop), sumCpuMs(servers), performance.now()];
	const { arrival } = round;
	const outcomes =
		"seconds" in arrival
			? await orderAtPace(stand.client.url, attempts, arrival.seconds)
			: await orderAtOnce(stand.client.url, attempts, arrival.atOnce);
	const seconds = (performance.now() - at) / 1000;
	const [cpu, serversCpu] = [sumCpuMs(shop) - own, sumCpuMs(servers) - theirs];
	const { OK: accepted = 0, OUT_OF_STOCK: soldOut = 0, ...others } = countByCode(outcomes);
	const ms = outcomes.map(o => o.ms).sort((a, b) => a - b);
	const figures = [
		...[
			"seconds" in arrival ? `in ${arrival.seconds} s` : arrival.atOnce,
			accepted,
			soldOut,
			JSON.stringify(others),
			sum(outcomes.map(o => o.busy))
		],
		...[size / seconds, accepted / seconds].map(Math.round),
		...[ms[ms.length / 2], ms[ms.length * 0.99], ms.at(-1)].map(time => Math.round(time ?? NaN)),
		...[cpu / size, serversCpu / size].map(each => each.toFixed(2))
	];
	return { accepted, figures };
}

const printRow = (name: string, figures: readonly unknown[]) =>
	process.stdout.write(`${name.padEnd(24)}${figures.map(f => String(f).padStart(11)).join("")}\n`);

async function runSale(mode: string): Promise<boolean> {
	const stand = await startOwnShop(mode === "servers");
	try {
		const staff = new StaffClient(stand.client, await stand.client.asAdmin());
		await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
		const buyers = await createCustomersElsewhere(stand.documentsEnv, BUYERS);
		printRow(mode, [...COLUMNS, ...TIMES]);
		let exact = true;
		for (const round of ROUNDS) {
			const { accepted, figures } = await measure(stand, staff, buyers, round);
			printRow(round.name, figures);
			exact &&= accepted === round.units;
		}
		await runScript("../invariants/check-invariants.ts", stand.documentsEnv, "--full");
		process.stdout.write(exact ? "every unit sold once, every invariant holds\n" : "NOT EXACT\n");
		return exact;
	} finally {
		await stand.end();
	}
}

async function main(): Promise<void> {
	for (const mode of MODES) if (!(await runSale(mode))) process.exitCode = 1;
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
