import { createPrivateKey, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { SANDBOX_ALIPAY } from "../infrastructure/sandbox-keys/keys";
import { generateKeyPair } from "../tests/support/payments/key-pair";
import { findFreePort } from "../scripts/servers/local";
import { StaffClient, aSku } from "../tests/support/builders";
import { ShopProcess } from "../tests/support/shop-process";
import { Shopper } from "../tests/support/shopper";
import { until } from "../tests/support/until";
import { Child } from "./child";
import { HttpClient, runConcurrently } from "./http";

/** More buyers than requests at a time, so that two checkouts of one buyer never overlap. */
const BUYERS = 32;
const MANY = 1_000_000;
const JWT_SECRET = randomBytes(32).toString("hex");
const SHOP_KEYS = generateKeyPair();
const ALIPAY_KEYS = generateKeyPair();
/** The key with which Alipay signs its notifications to the measured shop. */
export const ALIPAY_SIGNING_KEY = createPrivateKey(ALIPAY_KEYS.privateKey);

export type Buyer = { token: string; refreshToken: string; readonly addressId: string };

/** The buyers and goods of the measured requests. */
export type Goods = {
	readonly buyers: readonly Buyer[];
	readonly productId: string;
	readonly skuId: string;
	readonly soldOutSkuId: string;
};

/** The environment of a shop in production with an account at Alipay. */
const production = (dataDir: string) => ({
	NODE_ENV: "production",
	DATA_DIR: dataDir,
	MALL_NAMESPACE: basename(dataDir),
	HOST: "127.0.0.1",
	PUBLIC_URL: "https://shop.example",
	JWT_SECRET,
	LOG_LEVEL: "warn",
	ALIPAY_APP_ID: SANDBOX_ALIPAY.appId,
	ALIPAY_SELLER_ID: SANDBOX_ALIPAY.sellerId,
	ALIPAY_PRIVATE_KEY: SHOP_KEYS.privateKey,
	ALIPAY_PUBLIC_KEY: ALIPAY_KEYS.publicKey
});

/** A data folder with the demo catalogue, goods and signed-in buyers. */
export class Data {
	private constructor(
		readonly dir: string,
		readonly goods: Goods,
		private readonly env: Readonly<Record<string, string>>
	) {}

	/** `env` names servers, if the shop is to use any; `setUp` may add to the shop while its sandbox and demo accounts are there. */
	static async prepare(
		env: Readonly<Record<string, string>> = {},
		setUp: (shop: ShopProcess, goods: Goods) => Promise<void> = async () => undefined
	): Promise<Data> {
		const dir = mkdtempSync(join(tmpdir(), "zjmall-bench-"));
		const shop = await ShopProcess.start(
			{ ...env, JWT_SECRET, DEMO_CATALOGUE: "on", DEMO_ORDERS: "off" },
			{ dataDir: dir }
		);
		try {
			const goods = await stockShop(shop);
			await setUp(shop, goods);
			return new Data(dir, goods, env);
		} finally {
			await shop.end("SIGTERM");
		}
	}

	/** Starts `file` on the data, as in production, and waits until it answers. `services` are by default all. */
	async start(
		file: string,
		env: Readonly<Record<string, string>> = {},
		services: readonly string[] = []
	): Promise<ShopUnderTest> {
		const port = await findFreePort();
		const startedAt = performance.now();
		const child = this.startProcess(file, services, { MIGRATIONS: "run", PORT: String(port), ...env });
		const url = `http://127.0.0.1:${port}`;
		await until(
			"the shop to answer",
			async () => {
				child.assertAlive();
				const answer = await fetch(`${url}/api/v1/products/${this.goods.productId}`).catch(
					() => null
				);
				return answer?.ok;
			},
			60_000,
			5
		);
		return new ShopUnderTest(child, url, performance.now() - startedAt, this);
	}

	/** Starts some services on the data, as in production, without waiting for them. */
	startProcess = (
		file: string,
		services: readonly string[],
		env: Readonly<Record<string, string>> = {}
	): Child => Child.start(file, { ...production(this.dir), ...this.env, ...env }, services);

	remove(): void {
		rmSync(this.dir, { recursive: true, force: true });
	}
}

async function stockShop(shop: ShopProcess): Promise<Goods> {
	const staff = new StaffClient(shop, await shop.asAdmin());
	const tuned = {
		"orders.maxUnpaid": 1000,
		"limits.perMinute": MANY,
		"limits.writesPerMinute": MANY,
		"limits.authPerMinute": MANY
	};
	for (const [key, value] of Object.entries(tuned))
		await staff.mustSend("PUT", `/admin/config/${key}`, { value });
	const { items } = (await shop.http("GET", "/products?sort=newest&pageSize=1")).body.data;
	const product = (await shop.http("GET", `/products/${items[0].id}`)).body.data;
	const skuId = product.skus[0].id as string;
	await staff.addStock(skuId, MANY);
	const soldOut = await staff.addProductOnShelf({ categoryId: product.categoryId, skus: [aSku()] });
	return {
		productId: product.id,
		skuId,
		soldOutSkuId: soldOut.skus[0].id,
		// Two at a time: each hashes passwords, and a shop refuses log-ins that would wait long.
		buyers: await runConcurrently(
			Array.from({ length: BUYERS }, (_, n) => () => createBuyer(shop, n)),
			2
		)
	};
}

async function createBuyer(shop: ShopProcess, n: number): Promise<Buyer> {
	const phone = String(13_500_000_000 + n);
	await shop.register(phone);
	const { body } = await shop.http("POST", "/auth/login", { body: { phone, password: "Tea-and-rice-9" } });
	const { accessToken: token, refreshToken } = body.data;
	return { token, refreshToken, addressId: await new Shopper(shop, token).address() };
}

/** A running shop that is measured. */
export class ShopUnderTest {
	constructor(
		readonly child: Child,
		readonly url: string,
		/** From the start of the process to the first right answer of a product. */
		readonly startMs: number,
		readonly data: Data
	) {}

	/** Gives every buyer a new access token: one lasts 15 minutes. */
	async refreshTokens(): Promise<void> {
		const client = new HttpClient(this.url, 4);
		for (const buyer of this.data.goods.buyers) {
			const { data } = await client.send({
				method: "POST",
				path: "/auth/refresh",
				body: { refreshToken: buyer.refreshToken },
				status: 200
			});
			buyer.token = data.accessToken;
			buyer.refreshToken = data.refreshToken;
		}
		client.close();
	}

	end = (): Promise<void> => this.child.end();
}
