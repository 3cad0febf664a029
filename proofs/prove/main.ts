import { aSku, StaffClient, unique } from "../../tests/support/builders";
import { Buyer } from "./buyer";
import { ShopUser } from "./shop-user";
import { setUpOffers } from "./offers";
import { injectFaults } from "./faults";
import { Checker, findAtRest } from "./checker";
import { History } from "./history";
import { HELP, readOptions, type Options } from "./options";
import { Random } from "./random";
import { writeReport, type Verdict } from "./report";
import { showProgress, formatSummary } from "./progress";
import { connectToDeployment, preload, startOwnShop, type Target } from "./target";

/** Some SKUs sell out, to test refusals; the others last until the end of the run. */
const SCARCE_UNITS = 40;
const PLENTIFUL_UNITS_PER_MINUTE = 5000;
/** The SKU with a purchase limit, which is lower than what a buyer orders at once. */
const LIMITED_SKU = { nth: 1, limitPerUser: 4 };
/** An order may stay open for 60 s past its deadline, and the next query of a channel may take as long. */
const SETTLE_MS = 90_000;
/** How long facts may be on their way once the orders are at rest. */
const FACTS_MS = 15_000;

/** Creates products, stock and buyers through the gateway. */
async function setUp(
	target: Target,
	history: History,
	wanted: Options,
	random: Random,
	isTrading: () => boolean
) {
	const { client, own } = target;
	const { ADMIN_PHONE: phone = "13800000000", ADMIN_PASSWORD: password = "Mall-admin-1" } = process.env;
	const staff = new ShopUser(client, history, phone, password);
	const catalogue = new StaffClient(client, await client.signIn(phone, password));
	if (own) {
		const tuned = {
			"orders.maxUnpaid": 1000,
			// A short run would spend most of its time waiting for abandoned orders to expire.
			"orders.paymentTimeout": Math.min(15, Math.max(5, Math.ceil(wanted.minutes * 60))),
			"orders.creatingTimeout": 10,
			"inventory.sweepEvery": 2
		};
		for (const [key, value] of Object.entries(tuned))
			await catalogue.mustSend("PUT", `/admin/config/${key}`, { value });
	}
	const stocked = await Promise.all(
		Array.from({ length: wanted.skus }, async (_, n) => {
			const plenty = Math.ceil(PLENTIFUL_UNITS_PER_MINUTE * Math.max(wanted.minutes, 1));
			const units = n % 3 === 0 ? SCARCE_UNITS : plenty;
			const limitPerUser = n === LIMITED_SKU.nth ? LIMITED_SKU.limitPerUser : null;
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
	const skuIds = stocked.map(({ skuId }) => skuId);
	const market = { history, staff, isTrading, skuIds, offers: await setUpOffers(staff, skuIds) };
	const buyers: Buyer[] = [];
	const userIds: string[] = [];
	for (let n = 0; n < wanted.buyers; n++) {
		const phoneNo = String(17_000_000_000 + random.between(0, 99_999_999));
		const secret = unique("Tea-and-rice-");
		const { user } = await client.register(phoneNo, secret);
		const customer = new ShopUser(client, history, phoneNo, secret);
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

async function prove(target: Target, wanted: Options): Promise<number> {
	const startedAt = new Date();
	const history = new History();
	const random = new Random(wanted.seed);
	const forMs = wanted.minutes * 60_000;
	let until = Infinity;
	const isTrading = () => Date.now() < until;
	const { staff, stocked, buyers, userIds } = await setUp(target, history, wanted, random, isTrading);
	process.stdout.write(
		`${target.mode}${wanted.mutant ? `, mutant ${wanted.mutant}` : ""}: ${buyers.length} buyers, ${stocked.length} SKUs, ` +
			`${wanted.minutes} min, seed ${wanted.seed}\n`
	);

	until = Date.now() + forMs;
	const stopProgress = showProgress(history, forMs);
	const faultsInjected = wanted.faults
		? injectFaults(target, history, random.split(), isTrading)
		: undefined;
	await Promise.all([...buyers.map(buyer => buyer.trade()), faultsInjected]);
	stopProgress();

	const restedFrom = performance.now();
	await resolveUnknownOrders(history, buyers, target);
	const checker = new Checker(target, history, staff);
	const violations = [...history.brokenPromises];
	violations.push(
		...(await checker.checkOrders(
			SETTLE_MS,
			left => left && process.stdout.write(`not at rest: ${left} orders\n`)
		))
	);
	violations.push(...(await checker.checkCases(SETTLE_MS)));
	const restMs = Math.round(performance.now() - restedFrom);
	violations.push(
		...(await findAtRest(FACTS_MS, async () => [
			...(await checker.checkFacts()),
			...(await checker.checkStock(stocked, userIds)),
			...(await checker.checkChannelBills()),
			...(await checker.checkDeadLetters())
		]))
	);
	if (target.own && (await target.own.end("SIGTERM")) !== 0)
		violations.push("Told to stop, the shop did not end with 0");
	const checked = await checker.checkInvariants();
	violations.push(...(checked?.violations ?? []));

	const verdict: Verdict = {
		mode: target.mode,
		seed: wanted.seed,
		mutant: wanted.mutant ?? null,
		startedAt: startedAt.toISOString(),
		seconds: Math.round(forMs / 1000),
		restMs,
		invariants:
			checked?.said ?? "the invariants are not checked: the documents are out of reach (--mongo)",
		violations
	};
	process.stdout.write(`${formatSummary(history, verdict)}\n`);
	const name = `${target.mode}-${wanted.seed}${wanted.mutant ? `-${wanted.mutant}` : ""}`;
	for (const file of writeReport(wanted.out, name, history, verdict)) process.stdout.write(`${file}\n`);
	return violations.length ? 1 : 0;
}

/** Repeats orders of unknown outcome under their keys. At a deployment, cancels the orders that still wait for a payment. */
async function resolveUnknownOrders(
	{ orderAttempts }: History,
	buyers: readonly Buyer[],
	target: Target
): Promise<void> {
	const unknown = () => orderAttempts.filter(({ outcome }) => outcome === "unknown");
	const timer = setInterval(
		() => process.stdout.write(`unknown orders repeated: ${unknown().length} orders left\n`),
		10_000
	);
	await Promise.all(
		buyers.map(async (buyer, number) => {
			for (const attempt of unknown().filter(attempt => attempt.buyer === number))
				for (let tries = 0; attempt.outcome === "unknown" && tries < 100; tries++)
					await buyer.resendOrder(attempt);
		})
	);
	clearInterval(timer);
	if (target.own) return;
	for (const attempt of orderAttempts.filter(({ outcome }) => outcome === "ok"))
		await buyers[attempt.buyer]?.cancel(attempt);
}

async function main(): Promise<void> {
	const wanted = readOptions(process.argv.slice(2));
	if (wanted.help) return void process.stdout.write(`${HELP}\n`);
	const { url, mongo, servers, mutant, faults } = wanted;
	const target =
		url === undefined
			? await startOwnShop(
					servers,
					() => (mutant ? { MUTANT: mutant, ...preload("mutants/load.js") } : {}),
					{ harmed: faults }
				)
			: connectToDeployment(url, mongo === undefined ? null : { MONGO_URL: mongo });
	try {
		process.exitCode = await prove(target, wanted);
	} finally {
		await target.end();
	}
}

main().catch((err: unknown) => {
	process.stderr.write(`prove could not run: ${err instanceof Error ? err.message : String(err)}\n`);
	process.exitCode = 2;
});
