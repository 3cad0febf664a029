import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "../../bench/child";
import { median } from "../../bench/median";
import { findFreePort } from "../../scripts/servers/local";
import { StaffClient, unique } from "../../tests/support/builders";
import { fillPath, PUBLISHED_ROUTES, type PublishedRoute } from "../../tests/support/published-routes";
import { sendRaw } from "../../tests/support/raw-http";
import { Client } from "../../tests/support/shop";
import { until } from "../../tests/support/until";
import { makeWorstRequests, type KnownIds, type WorstRequest } from "./make-bodies";
import { fillShop } from "./fill-shop";

const BUDGET_MS = 10;
/** A request that takes more than this share of the budget at its first time is measured again. */
const WORTH_A_LOOK = 0.6;
const RUNS = 5;
/** A new access token after this time, and with it a new proof of identity, which lasts five minutes. */
const TOKEN_MS = 4 * 60_000;

type Figure = { readonly route: string; readonly kind: string; readonly status: number; readonly ms: number };

/** Routes that would end the session with which the others are tried, and those of the sandbox, which production lacks. */
const isTried = ({ route, http }: PublishedRoute) =>
	!/\/(sandbox|auth\/logout|me\/(close|sessions|password|phone|totp))(\/|$)/.test(route) &&
	!http.upload &&
	!http.file;

class Meter {
	private token = "";
	private signedInAt = -Infinity;

	constructor(
		private readonly shop: Child,
		private readonly client: Client,
		private readonly ids: KnownIds
	) {}

	private async authorize(): Promise<string> {
		if (performance.now() > this.signedInAt + TOKEN_MS) {
			this.signedInAt = performance.now();
			this.token = await this.client.asAdmin();
		}
		return `Bearer ${this.token}`;
	}

	/** Sends the request; resolves to its status and to the longest stretch of CPU time of the event loop meanwhile. */
	private async send(route: PublishedRoute, { query, body }: WorstRequest) {
		const path = fillPath(route, name => this.pathParam(route, name));
		const target = `/api/v1${path}${query ? `?${query}` : ""}`.replace(/^\/api\/v1\/\//, "/");
		const headers = {
			Authorization: await this.authorize(),
			"Idempotency-Key": unique("key-"),
			...(body !== undefined && {
				"Content-Type": "application/json",
				"Content-Length": String(Buffer.byteLength(body))
			})
		};
		await this.shop.ask("watch");
		const { status } = await sendRaw(this.client.url, route.http.method, target, headers, body);
		return { status, ms: await this.shop.ask("longestCpuStretch") };
	}

	private pathParam({ http }: PublishedRoute, name: string): string {
		const [kind = ""] = /[a-z-]+(?=\/[:*])/.exec(http.path) ?? [];
		return (this.ids[name === "id" ? kind : name] ?? ["none"])[0] ?? "none";
	}

	/** The longest stretch of the request of this number among the route's: once, or the median of more where it is long. */
	async measure(route: PublishedRoute, n: number): Promise<Figure> {
		const make = () => {
			const request = makeWorstRequests(route, this.ids)[n];
			if (!request) throw new Error(`${route.route} has no request ${n}`);
			return request;
		};
		const request = make();
		const first = await this.send(route, request);
		const figures = [first.ms];
		let { status } = first;
		if (first.ms > WORTH_A_LOOK * BUDGET_MS)
			for (let run = 0; run < RUNS; run++) {
				const again = await this.send(route, make());
				if (run === 0) figures.pop(); // the first run compiles
				figures.push(again.ms);
				({ status } = again);
			}
		return {
			route: route.route,
			kind: request.kind,
			status,
			ms: median(figures)
		};
	}
}

/**
 * `npm run test:worst-bodies -- [part of a route]`: sends every route the largest and the worst bodies and queries that its
 * contract and the gateway's limits let in, and tells for how long each held the event loop up, in milliseconds of CPU of its
 * thread, so that other programs on the machine don't count. Exit code 1 where one takes over 10 ms.
 */
async function main(part = ""): Promise<void> {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-worst-"));
	const port = await findFreePort();
	const url = `http://127.0.0.1:${port}`;
	const child = Child.start("main.ts", {
		DATA_DIR: dataDir,
		PORT: String(port),
		NODE_ENV: "test",
		LIMITS_PER_IP: "off",
		LOG_LEVEL: "warn",
		DEMO_CATALOGUE: "off",
		CHECK_INVARIANTS_EVERY: "0"
	});
	try {
		await until("the shop to be ready", async () => {
			child.assertAlive();
			return (await fetch(`${url}/health/ready`).catch(() => null))?.ok;
		});
		const client = new Client(url);
		const staff = new StaffClient(client, await client.asAdmin());
		const ids = await fillShop(staff);
		const meter = new Meter(child, client, ids);
		const figures: Figure[] = [];
		for (const route of PUBLISHED_ROUTES.filter(each => isTried(each) && each.route.includes(part)))
			for (const n of makeWorstRequests(route, ids).keys()) {
				const figure = await meter.measure(route, n);
				figures.push(figure);
				if (figure.ms > BUDGET_MS) process.stderr.write(formatFigure(figure));
			}
		report(figures);
	} finally {
		await child.end();
		rmSync(dataDir, { recursive: true, force: true });
	}
}

const formatFigure = ({ route, kind, status, ms }: Figure) =>
	`${ms.toFixed(1).padStart(8)} ms  ${status}  ${route}  (${kind})\n`;

function report(figures: readonly Figure[]): void {
	const sorted = figures.toSorted((a, b) => b.ms - a.ms);
	const over = sorted.filter(({ ms }) => ms > BUDGET_MS);
	const failed = sorted.filter(({ status }) => status >= 500);
	for (const figure of new Set([...sorted.slice(0, 20), ...over, ...failed]))
		process.stdout.write(formatFigure(figure));
	const routes = new Set(figures.map(({ route }) => route)).size;
	process.stdout.write(
		`${routes} routes, ${figures.length} requests: ${over.length} over ${BUDGET_MS} ms, ${failed.length} answered 5xx\n`
	);
	if (over.length > 0 || failed.length > 0) process.exitCode = 1;
}

main(process.argv[2]).catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
