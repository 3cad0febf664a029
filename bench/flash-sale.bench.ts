import { StaffClient } from "../tests/support/builders";
import { orderAtOnce, orderAtPace, countByCode, type Customer } from "../tests/support/crowd";
import { ownShop, type Stand } from "../proofs/prove/stand";
import { cpuOf, script } from "./processes";
import { customers, forSale } from "./sale";

/**
 * A flash sale over HTTP, embedded and on real servers: 2,000 buyers come for 100 units of one SKU, within ten seconds or so
 * many at once. Beside it the same with the units spread over 100 SKUs, and both where everybody gets one: what a hot SKU
 * costs is the difference. `npm run bench:flash-sale [-- embedded|servers]`; ends with 1 if other than 100 get one, or the
 * books of the shop do not agree. Times are of one answer; busy is how often that was to come again (503). The buyers are
 * this process, whose CPU does not count.
 */
const BUYERS = 2000;
/** Where everybody gets one: the document server of development slows with all that it holds. */
const FEW = 600;
const UNITS = 100;
const SKUS = 100;
const MODES = process.argv[2] ? [process.argv[2]] : ["embedded", "servers"];

type Round = {
	readonly name: string;
	readonly skus: number;
	readonly units: number;
	readonly buyers?: number;
	/** So many at once, or all of them at an even pace over so many seconds. */
	readonly come: { readonly atOnce: number } | { readonly seconds: number };
};
const ROUNDS: readonly Round[] = [
	{ name: "warm-up", skus: 10, units: UNITS, come: { atOnce: 32 } },
	{ name: "flash sale", skus: 1, units: UNITS, come: { seconds: 10 } },
	{ name: "flash sale", skus: 1, units: UNITS, come: { atOnce: 32 } },
	{ name: "flash sale", skus: 1, units: UNITS, come: { atOnce: 256 } },
	{ name: "flash sale", skus: 1, units: UNITS, come: { atOnce: BUYERS } },
	{ name: "flash sale, 100 SKUs", skus: SKUS, units: UNITS, come: { atOnce: BUYERS } },
	{ name: "all get one, 1 SKU", skus: 1, units: FEW, buyers: FEW, come: { atOnce: 32 } },
	{ name: "all get one, 100 SKUs", skus: SKUS, units: FEW, buyers: FEW, come: { atOnce: 32 } }
];
const COLUMNS = ["they come", "accepted", "sold out", "other", "busy", "buyers/s", "orders/s"];
const TIMES = ["p50 ms", "p99 ms", "max ms", "CPU ms each", "servers'"];

const sumOf = (all: readonly number[]) => all.reduce((sum, n) => sum + n, 0);

async function measure(stand: Stand, staff: StaffClient, buyers: readonly Customer[], round: Round) {
	const skuIds = await forSale(staff, round.skus, round.units);
	const servers = Object.values(stand.servers ?? {}).map(({ pid }) => pid);
	const shop = stand.own ? [stand.own.pid] : [];
	const size = round.buyers ?? BUYERS;
	const attempts = buyers
		.slice(0, size)
		.map((buyer, n) => ({ ...buyer, skuId: skuIds[n % skuIds.length] ?? "" }));
	const [own, theirs, at] = [cpuOf(shop), cpuOf(servers), performance.now()];
	const { come } = round;
	const outcomes =
		"seconds" in come
			? await orderAtPace(stand.client.url, attempts, come.seconds)
			: await orderAtOnce(stand.client.url, attempts, come.atOnce);
	const seconds = (performance.now() - at) / 1000;
	const [cpu, serversCpu] = [cpuOf(shop) - own, cpuOf(servers) - theirs];
	const { OK: accepted = 0, OUT_OF_STOCK: soldOut = 0, ...others } = countByCode(outcomes);
	const ms = outcomes.map(o => o.ms).sort((a, b) => a - b);
	const figures = [
		...[
			"seconds" in come ? `in ${come.seconds} s` : come.atOnce,
			accepted,
			soldOut,
			JSON.stringify(others),
			sumOf(outcomes.map(o => o.busy))
		],
		...[size / seconds, accepted / seconds].map(Math.round),
		...[ms[ms.length / 2], ms[ms.length * 0.99], ms.at(-1)].map(time => Math.round(time ?? NaN)),
		...[cpu / size, serversCpu / size].map(each => each.toFixed(2))
	];
	return { accepted, figures };
}

const print = (name: string, figures: readonly unknown[]) =>
	process.stdout.write(`${name.padEnd(24)}${figures.map(f => String(f).padStart(11)).join("")}\n`);

async function sale(mode: string): Promise<boolean> {
	const stand = await ownShop(mode === "servers");
	try {
		const staff = new StaffClient(stand.client, await stand.client.asAdmin());
		await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
		const buyers = await customers(stand.books, BUYERS);
		print(mode, [...COLUMNS, ...TIMES]);
		let exact = true;
		for (const round of ROUNDS) {
			const { accepted, figures } = await measure(stand, staff, buyers, round);
			print(round.name, figures);
			exact &&= accepted === round.units;
		}
		await script("../invariants/check-invariants.ts", stand.books);
		process.stdout.write(exact ? "every unit sold once, the books agree\n" : "NOT EXACT\n");
		return exact;
	} finally {
		await stand.end();
	}
}

async function main(): Promise<void> {
	for (const mode of MODES) if (!(await sale(mode))) process.exitCode = 1;
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
