import { join } from "node:path";
import sharp from "sharp";
import type { Reply } from "../support/shop";
import { Shopper } from "../support/shopper";
import { ShopProcess } from "../support/shop-process";
import { describeOnSmallDisk, SmallDisk } from "../support/small-disk";
import { Trade } from "../support/trade-through-faults";

const UNAVAILABLE = "503 SERVICE_UNAVAILABLE";
const said = ({ status, body }: Reply) => `${status} ${body.code}`;

describeOnSmallDisk("a shop whose disk is full", () => {
	let disk: SmallDisk;
	let dataDir: string;
	const shops: ShopProcess[] = [];
	const start = async (env: Record<string, string>, logFile?: string) => {
		const shop = await ShopProcess.start(env, { dataDir, ...(logFile && { logFile }) });
		shops.push(shop);
		return shop;
	};
	beforeAll(() => {
		disk = SmallDisk.mount(24);
		dataDir = join(disk.path, "data");
	});
	afterEach(() => {
		disk.free();
		return Promise.all(shops.splice(0).map(shop => shop.end("SIGKILL")));
	});
	afterAll(() => disk.unmount());

	it("refuses writes, serves reads, and trades again once there is room", async () => {
		const logFile = join(disk.path, "shop.log"); // so lines of the log may be lost meanwhile
		const shop = await start({ LOG_LEVEL: "info" }, logFile);
		const trade = await Trade.open(shop);
		const shopper = new Shopper(shop, await shop.asUser());
		const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
			.png()
			.toBuffer();
		const upload = () => {
			const form = new FormData();
			form.set("file", new Blob([new Uint8Array(picture)], { type: "image/png" }), "me.png");
			return shopper.send("PUT", "/me/avatar", form);
		};
		/** Uploads until that is refused: a small write may still find room in the write-ahead log. */
		const uploadUntilRefused = async () => {
			for (let n = 1; n < 20; n++) {
				const reply = await upload();
				if (reply.status !== 200) return reply;
			}
			return upload();
		};
		const { pid } = shop;

		await trade.during(async () => {
			await trade.goesOn(10);
			disk.fill();
			await trade.isTold(UNAVAILABLE, 50);
			for (const id of trade.ledger.orders) await shopper.mustSend("GET", `/orders/${id}`);
			const read = await shop.http("GET", "/products");
			const login = { phone: "13900000000", password: "Mall-user-1" };
			const signedIn = await shop.http("POST", "/auth/login", { body: login });
			const uploaded = await uploadUntilRefused();
			disk.free();
			await trade.goesOn(10);

			expect(said(read)).toBe("200 OK");
			expect([signedIn, uploaded].map(said)).toEqual([UNAVAILABLE, UNAVAILABLE]);
		});
		const uploaded = await upload();

		expect([...trade.ledger.answers.keys()].toSorted()).toEqual(["200 OK", "201 OK", UNAVAILABLE]);
		expect([trade.ledger.unknown, shop.pid, shop.alive]).toEqual([0, pid, true]);
		expect(uploaded.status).toBe(200);
		await trade.isKept();
	});

	it("names the reason for a refused start after a kill, and starts once there is room", async () => {
		const shop = await start({});
		const trade = await Trade.open(shop);
		await trade.during(async () => {
			await trade.goesOn(10);
			disk.fill();
			await trade.isTold(UNAVAILABLE, 20);
			await shop.end("SIGKILL");
		});

		const onFullDisk = shop.start();

		await expect(onFullDisk).rejects.toThrow(/ended with 1:\n.*data folder .* disk is full/);
		disk.free();
		await shop.start();
		await trade.during(() => trade.goesOn(10));
		await trade.isKept();
	});
});
