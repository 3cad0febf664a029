import { crc32 } from "node:zlib";
import sharp from "sharp";
import type { UploadsContext } from "../../../services/uploads/uploads.context";
import { registerPerson } from "../../support/people";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";

const ACCOUNTS = ["api", "config", "auth", "users", "audit", "sandbox"];
let shop: Shop;
let admin: string;
let token: string;
beforeAll(async () => {
	shop = await startShop({}, [...ACCOUNTS, "uploads", "brands", "categories"]);
	admin = await shop.asAdmin();
	token = (await registerPerson(shop)).accessToken;
	await shop.http("PUT", "/admin/config/housekeeping.sweepEvery", { token: admin, body: { value: 1 } });
});
afterAll(() => shop.stop());

let drawn = 0;
/** A picture that no other test has. */
const draw = (width = 60, height = 40) =>
	sharp({ create: { width, height: height + drawn++, channels: 3, background: "teal" } })
		.png()
		.toBuffer();
async function upload(bytes: Buffer, purpose = "review", path = "/uploads", as = token) {
	const body = new FormData();
	body.append("file", new Blob([new Uint8Array(bytes)]), "../../a.png");
	body.append("purpose", purpose);
	const { status, body: answer } = await shop.http("POST", path, { token: as, body });
	return { status, code: answer.code, data: answer.data };
}
const statusOf = async (url: string) => (await fetch(shop.url + url)).status;
const claim = (owner: string, urls: string[]) => shop.broker.call("uploads.claim", { owner, urls });
const stores = () => shop.broker.getLocalService("uploads") as unknown as UploadsContext;
/** Lets the day of a picture be over. */
const endDayOf = (url: string) =>
	stores().pictures.changeMany({ _id: url.slice(9, -5) }, { $set: { sweepAt: new Date(0) } });

it("re-encodes a picture and serves it for ever, the same one under the same address", async () => {
	const bytes = await draw(3000, 30);

	const [first, again] = [await upload(bytes), await upload(bytes, "after_sale")];
	const forShop = await upload(bytes, "banner", "/admin/uploads", admin);

	expect([first.status, again.status, forShop.status]).toEqual([201, 201, 201]);
	expect(new Set([first, again, forShop].map(({ data }) => data.url)).size).toBe(1);
	const served = await fetch(shop.url + first.data.url);
	const { width, format } = await sharp(await served.arrayBuffer()).metadata();
	expect([width, format]).toEqual([2048, "webp"]);
	expect(served.headers.get("cache-control")).toContain("immutable");
});

it("admits shoppers and merchandisers to their own purposes", async () => {
	const bytes = await draw();

	expect(await upload(bytes, "banner")).toMatchObject({ status: 400, data: [{ field: "purpose" }] });
	expect(await upload(bytes, "review", "/admin/uploads", admin)).toMatchObject({ status: 400 });
	expect(await upload(bytes, "banner", "/admin/uploads")).toMatchObject({ status: 403 });
	expect(await upload(bytes, "review", "/uploads", "")).toMatchObject({ status: 401 });
});

it("refuses what is no picture, and one of 20,000 × 20,000", async () => {
	const huge = await draw();
	huge.writeUInt32BE(20_000, 16); // the PNG's width, height, and the checksum of its header
	huge.writeUInt32BE(20_000, 20);
	huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
	const zip = Buffer.from("504b0304140000000800", "hex");

	expect(await upload(zip)).toMatchObject({ status: 415 });
	expect(await upload(huge)).toMatchObject({ status: 415 });
	expect(await upload(Buffer.alloc(5 * 1024 * 1024 + 1))).toMatchObject({ status: 413 });
	expect(await upload(Buffer.alloc(0))).toMatchObject({ status: 400, data: [{ field: "file" }] });
	expect(await statusOf("/uploads/nothing.webp")).toBe(404);
});

it("removes a picture after its day unless somebody has claimed it, and on the release of the last claim", async () => {
	const urls = [];
	for (let n = 0; n < 3; n++) urls.push((await upload(await draw())).data.url as string);
	const [unclaimed = "", shared = "", own = ""] = urls;
	await claim("review:a", [shared, own, "/pictures/x.svg", "https://cdn.example/uploads/1.webp"]);
	await claim("review:b", [shared]);

	for (const url of urls) await endDayOf(url);
	await until("the unclaimed picture to be gone", async () => (await statusOf(unclaimed)) === 404);
	await until(
		"the claims to be seen",
		async () => (await stores().pictures.count({ sweepAt: null })) === 2
	);
	await shop.broker.call("uploads.release", { owner: "review:a" });
	const afterOne = await Promise.all([statusOf(shared), statusOf(own)]);
	await shop.broker.call("uploads.release", { owner: "review:b" });

	expect(afterOne).toEqual([200, 404]);
	expect(await statusOf(shared)).toBe(404);
	const unknown = { type: "VALIDATION_ERROR", data: [{ field: "images", type: "noPicture" }] };
	await expect(claim("review:c", [shared])).rejects.toMatchObject(unknown);
	await expect(claim("review:c", ["/uploads/../x"])).rejects.toMatchObject(unknown);
});

it("keeps the picture that a brand and a category show", async () => {
	const bytes = await draw();
	const { url } = (await upload(bytes, "brand", "/admin/uploads", admin)).data;
	const add = (path: string, body: object) => shop.http("POST", path, { token: admin, body });

	const brand = await add("/admin/brands", { name: "茶山", logo: url });
	const category = await add("/admin/categories", { name: "茶", icon: url });
	const wrong = await add("/admin/brands", { name: "山茶", logo: "/uploads/gone.webp" });

	expect([brand.status, category.status, wrong.status]).toEqual([201, 201, 400]);
	expect(wrong.body.data[0].field).toBe("logo");
	const claims = await stores().claims.find({ names: url.slice(9, -5) });
	expect(claims.map(({ _id }) => _id).sort()).toEqual([
		`brand:${brand.body.data.id}`,
		`category:${category.body.data.id}`
	]);
});

it("never removes a picture that is claimed while it is swept", async () => {
	const rounds = Array.from({ length: 6 }, async (_, n) => {
		const { url } = (await upload(await draw(61 + n), "product", "/admin/uploads", admin)).data;
		await endDayOf(url);
		const claimed = await claim(`product:${n}`, [url]).then(
			() => true,
			() => false
		);
		return { url, claimed };
	});
	const outcomes = [];
	for (const round of rounds) outcomes.push(await round.catch(() => null));
	await until(
		"all to be swept",
		async () => !(await stores().pictures.findOne({ sweepAt: { $lte: new Date() } }))
	);

	for (const outcome of outcomes)
		if (outcome) expect(await statusOf(outcome.url)).toBe(outcome.claimed ? 200 : 404);
	expect(outcomes.filter(Boolean).length).toBeGreaterThan(0);
});
