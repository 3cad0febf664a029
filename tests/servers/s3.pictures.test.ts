import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import type * as S3StorageModule from "../../infrastructure/pictures/s3-storage";
import type { UploadsContext } from "../../services/uploads/uploads.context";
import { hasS3, startS3, type Server } from "../support/servers";
import { startShop, type Shop } from "../support/shop";

/** The server is built by `scripts/servers/install-s3.sh`, by hand. */
const whereInstalled = hasS3() ? describe : describe.skip;

whereInstalled("pictures in an S3 bucket", () => {
	const keys = { accessKey: "mall", secretKey: "a-secret-of-the-tests" };
	let server: Server;
	let account: S3StorageModule.S3Account;
	let shop: Shop;
	beforeAll(async () => {
		server = await startS3(keys);
		mkdirSync(join(server.dir, "pictures"));
		account = { ...keys, url: `${server.url}/pictures`, region: "us-east-1" };
		shop = await startShop(
			{ S3_URL: account.url, S3_ACCESS_KEY: keys.accessKey, S3_SECRET_KEY: keys.secretKey },
			["api", "config", "auth", "users", "audit", "sandbox", "uploads"]
		);
	});
	afterAll(async () => {
		await shop.stop();
		await server.stop();
	});

	/** Loaded after the settings, which name the bucket. */
	const open = (more: Partial<S3StorageModule.S3Account> = {}) => {
		const { S3Storage } = require("../../infrastructure/pictures/s3-storage") as typeof S3StorageModule;
		return new S3Storage({ ...account, ...more });
	};
	const fileOf = (url: string) => join(server.dir, "pictures", url);
	async function upload(): Promise<string> {
		const image = await sharp({ create: { width: 50, height: 50, channels: 3, background: "tan" } })
			.png()
			.toBuffer();
		const body = new FormData();
		body.append("file", new Blob([new Uint8Array(image)]), "a.png");
		body.append("purpose", "review");
		const reply = await shop.http("POST", "/uploads", { token: await shop.asUser(), body });
		return reply.body.data.url;
	}

	it("are kept there, served under the shop's own addresses, and removed with their last claim", async () => {
		const url = await upload();
		await shop.broker.call("uploads.claim", { owner: "review:1", urls: [url] });

		const served = await fetch(shop.url + url);
		const wasInBucket = existsSync(fileOf(url));
		await shop.broker.call("uploads.release", { owner: "review:1" });

		expect(wasInBucket).toBe(true);
		expect((await sharp(await served.arrayBuffer()).metadata()).format).toBe("webp");
		expect(existsSync(fileOf(url))).toBe(false);
		expect((await fetch(shop.url + url)).status).toBe(404);
	});

	it("from before the bucket are served from the documents", async () => {
		const _id = "0".repeat(40);
		const { pictureBytes } = shop.broker.getLocalService("uploads") as unknown as UploadsContext;
		await pictureBytes.insert({ _id, image: Buffer.from("old").toString("base64") });

		const served = await fetch(`${shop.url}/uploads/${_id}.webp`);

		expect([served.status, await served.text()]).toEqual([200, "old"]);
	});

	it("are put, read and removed any number of times, under signatures that the server checks", async () => {
		const storage = open();
		const bytes = Buffer.from([0, 255, 13, 10]);

		for (let n = 0; n < 2; n++) await storage.put("twice", bytes);
		const read = await storage.get("twice");
		for (let n = 0; n < 2; n++) await storage.remove("twice");

		expect(read).toEqual(bytes);
		expect(await storage.get("twice")).toBeNull();
		const forged = open({ secretKey: "another-secret" });
		await expect(forged.put("forged", bytes)).rejects.toMatchObject({
			type: "SERVICE_UNAVAILABLE",
			message: "The picture storage answers 403"
		});
		expect(existsSync(fileOf("/uploads/forged.webp"))).toBe(false);
	});

	it("are refused in time while the bucket is away", async () => {
		const away = open({ url: "http://127.0.0.1:9/pictures" });

		await expect(away.get("a")).rejects.toMatchObject({ type: "SERVICE_UNAVAILABLE" });
	});
});
