import { parseArgs } from "node:util";
import { aSku, StaffClient, unique } from "../../tests/support/builders";
import { Buyer } from "./buyer";
import { Customer } from "./shop-user";
import { torment } from "./faults";
import { Judge } from "./checker";
import { Ledger } from "./history";
import { Random } from "./random";
import { write, type Verdict } from "./report";
import { live, summary } from "./progress";
import { deployment, loading, ownShop, type Stand } from "./target";

const HELP = `npm run prove [-- options]: trades at a shop, harms it if asked to, and judges what became of every order, unit and fen.

  --minutes n    how long buyers trade (1)
  --faults       kill, freeze and restart the shop (and its servers), spoil its links to them; only of a shop of its own
  --seed n       what is chosen when (by the clock)
  --buyers n     (12)      --skus n  (6)
  --servers      the shop of its own on NATS, a document server and Redis instead of embedded
  --mutant name  the shop of its own with that seeded fault: has to end with violations
  --url u        a deployment with its sandbox on, instead of a shop of its own; admin by ADMIN_PHONE, ADMIN_PASSWORD
  --mongo u      the documents of that deployment, to check the invariants from (namespace by MALL_NAMESPACE)
  --out folder   where the report goes (prove)
Ends with 0 when nothing was violated, 1 when something was, 2 when it could not run.`;

/** Some SKUs run out, so that buyers meet the end of the stock; the others last, so that there is trade till the end. */
const SCARCE = 40;
const PLENTY_A_MINUTE = 5000;
/** Of which SKU a buyer may have no more than so many units: fewer than he grabs at once. */
const LIMITED = { nth: 1, limitPerUser: 4 };
/** An order may wait 60 s past its deadline, and a channel is asked again after as long. */
const REST_MS = 90_000;

const number = (name: string, text: string | undefined, fallback: number): number => {
	const value = text === undefined ? fallback : Number(text);
	if (!Number.isFinite(value) || value <= 0)
		throw new Error(`--${name} has to be a number above 0, not ${text}`);
	return value;
};

function options() {
	const text = { type: "string" } as const;
	const flag = { type: "boolean", default: false } as const;
	const { values } = parseArgs({
		options: {
			help: flag,
			faults: flag,
			servers: flag,
			minutes: text,
			seed: text,
			buyers: text,
			skus: text,
			mutant: text,
			url: text,
			mongo: text,
			out: { type: "string", default: "prove" }
		}
	});
	if (values.url !== undefined && (values.faults || values.mutant !== undefined || values.servers))
		throw new Error("--faults, --mutant and --servers are for a shop of its own, not for --url");
	if (values.mongo !== undefined && values.url === undefined) throw new Error("--mongo belongs to --url");
	return {
		...values,
		minutes: number("minutes", values.minutes, 1),
		seed: number("seed", values.seed, (Date.now() % 1_000_000) + 1),
		buyers: number("buyers", values.buyers, 12),
		skus: number("skus", values.skus, 6)
	};
}
type Options = ReturnType<typeof options>;

/** Products, stock and buyers, made through the gateway as staff and customers do. */
async function setUp(stand: Stand, ledger: Ledger, wanted: Options, random: Random, going: () => boolean) {
	const { client, own } = stand;
	const { ADMIN_PHONE: phone = "13800000000", ADMIN_PASSWORD: password = "Mall-admin-1" } = process.env;
	const staff = new Customer(client, ledger, phone, password);
	const catalogue = new StaffClient(client, await client.signIn(phone, password));
	if (own) {
		const tuned = {
			"orders.maxUnpaid": 1000,
			"orders.paymentTimeout": 15,
			"orders.creatingTimeout": 10,
			"inventory.sweepEvery": 2
		};
		for (const [key, value] of Object.entries(tuned))
			await catalogue.mustSend("PUT", `/admin/config/${key}`, { value });
	}
	const stocked = await Promise.all(
		Array.from({ length: wanted.skus }, async (_, n) => {
			const plenty = Math.ceil(PLENTY_A_MINUTE * Math.max(wanted.minutes, 1));
			const units = n % 3 === 0 ? SCARCE : plenty;
			const limitPerUser = n === LIMITED.nth ? LIMITED.limitPerUser : null;
			const product = await catalogue.addProductOnShelf({
				name: unique("prove "),
				skus: [aSku({ price: 333 + 111 * n, limitPerUser })]
			});
			const skuId: string = product.skus[0].id;
			await staff.mustSend(
				"POST",
				`/admin/inventory/${skuId}/adjust`,
				{ delta: units, reason: "prove" },
				unique("key-")
			);
			return { skuId, units, limitPerUser };
		})
	);
	const market = { ledger, staff, going, skuIds: stocked.map(({ skuId }) => skuId) };
	const buyers: Buyer[] = [];
	const userIds: string[] = [];
	for (let n = 0; n < wanted.buyers; n++) {
		const phoneNo = String(17_000_000_000 + random.between(0, 99_999_999));
		const secret = unique("Tea-and-rice-");
		const { user } = await client.register(phoneNo, secret);
		const customer = new Customer(client, ledger, phoneNo, secret);
		const { id } = await customer.mustSend("POST", "/me/addresses", { ...ADDRESS, phone: phoneNo });
		buyers.push(new Buyer(n, customer, id, market, random.split()));
		userIds.push(user.id);
	}
	return { staff, stocked, buyers, userIds };
}

const ADDRESS = {
	receiver: "李雷",
	province: "浙江省",
	city: "杭州市",
	district: "西湖区",
	detail: "文三路 1 号"
};

async function prove(stand: Stand, wanted: Options): Promise<number> {
	const startedAt = new Date();
	const ledger = new Ledger();
	const random = new Random(wanted.seed);
	const forMs = wanted.minutes * 60_000;
	let until = Infinity;
	const going = () => Date.now() < until;
	const { staff, stocked, buyers, userIds } = await setUp(stand, ledger, wanted, random, going);
	process.stdout.write(
		`${stand.mode}${wanted.mutant ? `, mutant ${wanted.mutant}` : ""}: ${buyers.length} buyers, ${stocked.length} SKUs, ` +
			`${wanted.minutes} min, seed ${wanted.seed}\n`
	);

	until = Date.now() + forMs;
	const hide = live(ledger, forMs);
	const tormented = wanted.faults ? torment(stand, ledger, random.split(), going) : undefined;
	await Promise.all([...buyers.map(buyer => buyer.trade()), tormented]);
	hide();

	const restedFrom = performance.now();
	await settleUnknowns(ledger, buyers, stand);
	const judge = new Judge(stand, ledger, staff);
	const violations = [...ledger.broken];
	violations.push(
		...(await judge.orders(
			REST_MS,
			left => left && process.stdout.write(`not at rest: ${left} orders\n`)
		))
	);
	const restMs = Math.round(performance.now() - restedFrom);
	violations.push(
		...(await judge.stock(stocked, userIds)),
		...(await judge.channels()),
		...(await judge.deadLetters())
	);
	if (stand.own && (await stand.own.end("SIGTERM")) !== 0)
		violations.push("Told to stop, the shop did not end with 0");
	const checked = await judge.invariants();
	violations.push(...(checked?.violations ?? []));

	const verdict: Verdict = {
		mode: stand.mode,
		seed: wanted.seed,
		mutant: wanted.mutant ?? null,
		startedAt: startedAt.toISOString(),
		seconds: Math.round(forMs / 1000),
		restMs,
		invariants: checked?.said ?? "I1–I8 not checked: the documents are out of reach (--mongo)",
		violations
	};
	process.stdout.write(`${summary(ledger, verdict)}\n`);
	const name = `${stand.mode}-${wanted.seed}${wanted.mutant ? `-${wanted.mutant}` : ""}`;
	for (const file of write(wanted.out, name, ledger, verdict)) process.stdout.write(`${file}\n`);
	return violations.length ? 1 : 0;
}

/** What nobody knows is asked for again under its key; what still waits at a deployment is called off. */
async function settleUnknowns({ placings }: Ledger, buyers: readonly Buyer[], stand: Stand): Promise<void> {
	const unknown = () => placings.filter(({ outcome }) => outcome === "unknown");
	const timer = setInterval(
		() => process.stdout.write(`asked for again: ${unknown().length} orders left\n`),
		10_000
	);
	await Promise.all(
		buyers.map(async (buyer, number) => {
			for (const placing of unknown().filter(placing => placing.buyer === number))
				for (let tries = 0; placing.outcome === "unknown" && tries < 100; tries++)
					await buyer.resolve(placing);
		})
	);
	clearInterval(timer);
	if (stand.own) return;
	for (const placing of placings.filter(({ outcome }) => outcome === "ok"))
		await buyers[placing.buyer]?.cancel(placing);
}

async function main(): Promise<void> {
	const wanted = options();
	if (wanted.help) return void process.stdout.write(`${HELP}\n`);
	const { url, mongo, servers, mutant, faults } = wanted;
	const stand =
		url === undefined
			? await ownShop(
					servers,
					() => (mutant ? { MUTANT: mutant, ...loading("mutants/load.js") } : {}),
					{ harmed: faults }
				)
			: deployment(url, mongo === undefined ? null : { MONGO_URL: mongo });
	try {
		process.exitCode = await prove(stand, wanted);
	} finally {
		await stand.end();
	}
}

main().catch((err: unknown) => {
	process.stderr.write(`prove could not run: ${err instanceof Error ? err.message : String(err)}\n`);
	process.exitCode = 2;
});
