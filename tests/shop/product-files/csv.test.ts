import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import iconv from "iconv-lite";
import type { ProductsContext } from "../../../services/products/products.context";
import { StaffClient, unique } from "../../support/builders";
import { sendRaw } from "../../support/raw-http";
import { ROOT, RUN_TYPESCRIPT } from "../../support/root";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";

let shop: Shop;
let staff: StaffClient;
let category: { id: string; path: string };
let brand: string;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	const above = unique("手机");
	const below = unique("智能手机");
	const parentId = await staff.addCategory({ name: above });
	category = { id: await staff.addCategory({ name: below, parentId }), path: `${above}/${below}` };
	brand = unique("华为");
	await staff.addBrand({ name: brand });
});
afterAll(() => shop.stop());

async function send(file: string | Buffer, query = "", field = "file") {
	const form = new FormData();
	form.set(field, new Blob([new Uint8Array(Buffer.from(file))]), "products.csv");
	return shop.http("POST", `/admin/products/import${query}`, { token: staff.token, body: form });
}
const load = async (file: string | Buffer, query?: string) => {
	const { status, body } = await send(file, query);
	if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
	const { id: _id, ...result } = body.data;
	return result;
};
const refusal = async (file: string | Buffer) => {
	const { status, body } = await send(file);
	const fields = Array.isArray(body.data)
		? body.data.map(({ field }: { field: string }) => field)
		: undefined;
	return [status, body.code, ...(fields ? [fields] : [])];
};
const save = async (query = ""): Promise<string> => {
	const reply = await fetch(`${shop.url}/api/v1/admin/products/export${query}`, {
		headers: { Authorization: `Bearer ${staff.token}` }
	});
	expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
	return Buffer.from(await reply.arrayBuffer()).toString("utf8");
};
const find = async (name: string) => {
	const { items } = await staff.mustSend("GET", `/admin/products?q=${encodeURIComponent(name)}`);
	return staff.mustSend("GET", `/admin/products/${items[0].id}`);
};
const counts = (created: number, updated: number, unchanged: number, failed = 0) => ({
	rows: created + updated + unchanged + failed,
	created,
	updated,
	unchanged,
	failed
});
const HEADER = "product,category,brand,status,skuCode,price,sale:颜色";

describe("an import", () => {
	it("makes products of rows, brings them on the shelf, and finds rows again by their code", async () => {
		const [name, one, two] = [unique("手机"), unique("A-"), unique("A-")];
		const file = [
			"\ufeffproduct,category,subtitle,brand,tags,images,status,skuCode,sku,price,marketPrice,weight,spec:内存,sale:颜色",
			`${name},${category.path},"好, ""真""好",${brand},,/pictures/a.svg|/pictures/b.svg,on_shelf,${one},黑,19.9,25,200,8G,黑`,
			`${name},${category.path},,,,,,${two},白,20.00,,,,白`
		].join("\r\n");

		const first = await load(file);
		const again = await load(file);
		const changed = await load(file.replace("20.00", "21.50"));

		expect(first).toEqual({ ...counts(2, 0, 0), errors: [] });
		expect(again).toEqual({ ...counts(0, 0, 2), errors: [] });
		expect(changed).toEqual({ ...counts(0, 1, 1), errors: [] });
		const product = await find(name);
		expect(product).toMatchObject({
			status: "on_shelf",
			subtitle: '好, "真"好',
			categoryId: category.id,
			images: ["/pictures/a.svg", "/pictures/b.svg"],
			attributes: { 内存: "8G" }
		});
		expect(product.skus).toMatchObject([
			{
				code: one,
				name: "黑",
				price: 1990,
				marketPrice: 2500,
				weight: 200,
				attributes: { 颜色: "黑" }
			},
			{
				code: two,
				name: "白",
				price: 2150,
				marketPrice: null,
				weight: null,
				attributes: { 颜色: "白" }
			}
		]);
		expect((await shop.http("GET", `/products/${product.id}`)).status).toBe(200);
	});

	it("tells every bad row by line, column and reason, and imports the rest", async () => {
		const [good, bad, code, other] = [unique("好"), unique("坏"), unique("B-"), unique("另")];
		await staff.addBrand({ name: other });
		const file = [
			HEADER,
			`${good},${category.path},${brand},draft,${code},1.00,黑`,
			`"${bad}\n第二行",${category.path},,,${unique("B-")},1.00,黑`,
			`${bad},没有这个分类,,,${unique("B-")},1.00,黑`,
			`${bad},${category.path},没有这个品牌,,${unique("B-")},1.00,黑`,
			`${bad},${category.path},,,${unique("B-")},1.234,黑`,
			"",
			`${bad},${category.path},,sold,${unique("B-")},1.00,黑`,
			`${good},${category.path},${other},draft,${unique("B-")},1.00,白`,
			`${good},${category.path},${brand},draft,${code},1.00,红`,
			`${good},${category.path},${brand},draft,${unique("B-")},1.00,黑`,
			`${good},${category.path},${brand},draft,${unique("B-")}`,
			`,${category.path},,,${unique("B-")},1.00,黑`
		].join("\n");

		const { errors, ...result } = await load(file);

		expect(result).toEqual(counts(1, 0, 0, 10));
		expect(
			errors.map(({ line, column, code: of }: Record<string, unknown>) => [line, column, of])
		).toEqual([
			[3, "product", "VALIDATION_ERROR"],
			[5, "category", "NOT_FOUND"],
			[6, "brand", "NOT_FOUND"],
			[7, "price", "VALIDATION_ERROR"],
			[9, "status", "VALIDATION_ERROR"],
			[10, "brand", "VALIDATION_ERROR"],
			[11, "skuCode", "DUPLICATE"],
			[12, null, "DUPLICATE"],
			[13, null, "VALIDATION_ERROR"],
			[14, "product", "VALIDATION_ERROR"]
		]);
		expect(errors.every(({ message }: { message: string }) => /\p{Script=Han}/u.test(message))).toBe(
			true
		);
		expect((await find(good)).skus).toHaveLength(1);
	});

	it("imports nothing of a bad file when it is atomic, and nothing at all when it is dry", async () => {
		const name = unique("全部");
		const row = (code: string, price = "1.00") => `${name},${category.path},,,${code},${price},${code}`;
		const [a, b] = [unique("C-"), unique("C-")];
		const bad = [HEADER, row(a), row(b, "x")].join("\n");
		const good = [HEADER, row(a), row(b)].join("\n");
		const listed = async () =>
			(await staff.mustSend("GET", `/admin/products?q=${encodeURIComponent(name)}`)).total;

		const refused = await load(bad, "?atomic=true");
		const dry = await load(good, "?dryRun=true");
		const before = await listed();
		const done = await load(good, "?atomic=true&dryRun=false");

		expect(refused).toMatchObject({ ...counts(0, 0, 1, 1), errors: [{ line: 3, column: "price" }] });
		expect([dry, before, done]).toEqual([
			{ ...counts(2, 0, 0), errors: [] },
			0,
			{ ...counts(2, 0, 0), errors: [] }
		]);
		expect(await listed()).toBe(1);
	});

	it("imports nothing where a later row fails only because of an earlier one, or of a missing picture", async () => {
		const [name, tag] = [unique("分批"), unique("I-")];
		const rowsOf = (colours: readonly string[]) =>
			colours.map(
				(colour, n) => `${name},${category.path},${tag}-${n},1.00,,${n ? "" : "副题"},${colour}`
			);
		const others = Array.from(
			{ length: 99 },
			(_, n) => `${tag}x${n},${category.path},${tag}x${n},1.00,,,`
		);
		const spread = (colours: readonly string[]) => {
			const [first, ...rest] = rowsOf(colours);
			return [
				"product,category,skuCode,price,image,subtitle,sale:颜色",
				first,
				...others,
				...rest
			].join("\n");
		};
		const picture = `/uploads/${"a".repeat(40)}.webp`;
		const listed = async () =>
			(await staff.mustSend("GET", `/admin/products?q=${encodeURIComponent(name)}`)).total;

		const twins = await load(spread(["黑", "白", "黑"]), "?atomic=true");
		const pictured = await load(
			[HEADER.replace("brand", "image"), `${name},${category.path},,,${tag},1.00,黑`]
				.concat(`${name}y,${category.path},${picture},,${tag}y,1.00,黑`)
				.join("\n"),
			"?atomic=true"
		);
		const nothing = await listed();
		const done = await load(spread(["黑", "白"]), "?atomic=true");

		expect(twins).toMatchObject({
			...counts(0, 0, 101, 1),
			errors: [{ line: 103, column: null, code: "DUPLICATE" }]
		});
		expect(pictured).toMatchObject({ ...counts(0, 0, 1, 1), errors: [{ line: 3, column: "image" }] });
		expect(nothing).toBe(0);
		expect(done).toMatchObject({ rows: 101, failed: 0, errors: [] });
		const product = await find(name);
		expect([product.subtitle, product.skus.length]).toEqual(["副题", 2]);
	});

	it("writes nothing of rows whose status one person alone can't give", async () => {
		const name = unique("两人");
		const file = [HEADER, `${name},${category.path},,on_shelf,${unique("J-")},1.00,黑`].join("\n");
		const setTwoPersons = async (value: boolean) => {
			await staff.mustSend("PUT", "/admin/config/security.twoPersonProducts", { value });
			const { config } = shop.broker.getLocalService("products") as unknown as ProductsContext;
			await until("the rule to be known", () => config.get("security.twoPersonProducts") === value);
		};

		await setTwoPersons(true);
		const results = [];
		for (const query of ["", "?atomic=true", "?dryRun=true"]) results.push(await load(file, query));
		await setTwoPersons(false);

		for (const result of results)
			expect(result).toMatchObject({
				...counts(0, 0, 0, 1),
				errors: [{ line: 2, column: "status", code: "INVALID_STATE" }]
			});
		expect((await staff.mustSend("GET", `/admin/products?q=${encodeURIComponent(name)}`)).total).toBe(0);
	});

	it("takes as many columns as an export has, and no more", async () => {
		const wide = (columns: number) => {
			const more = columns - HEADER.split(",").length;
			const names = Array.from({ length: more }, (_, n) => `,spec:属性${n}`).join("");
			const row = `${unique("宽")},${category.path},,,${unique("K-")},1.00,黑${",".repeat(more - 1)},值`;
			return `${HEADER}${names}\n${row}`;
		};

		expect(await load(wide(3_000))).toEqual({ ...counts(1, 0, 0), errors: [] });
		expect(await refusal(wide(3_001))).toEqual([400, "VALIDATION_ERROR", ["file"]]);
	});

	it("follows the life of a product, and refuses a status to which no way leads", async () => {
		const [name, code] = [unique("状态"), unique("D-")];
		const file = (status: string) =>
			[HEADER, `${name},${category.path},,${status},${code},1.00,黑`].join("\n");

		const outcomes = [];
		for (const status of ["draft", "on_shelf", "off_shelf", "draft", ""])
			outcomes.push(await load(file(status)));

		expect(outcomes).toMatchObject([
			counts(1, 0, 0),
			counts(0, 1, 0),
			counts(0, 1, 0),
			{ ...counts(0, 0, 0, 1), errors: [{ line: 2, column: "status", code: "INVALID_STATE" }] },
			counts(0, 0, 1)
		]);
		expect((await find(name)).status).toBe("off_shelf");
	});

	it("reads GBK as well", async () => {
		const [name, code] = [unique("国标"), unique("E-")];
		const file = [HEADER, `${name},${category.path},${brand},,${code},1.00,黑色`].join("\r\n");

		expect(await load(iconv.encode(file, "gbk"))).toMatchObject(counts(1, 0, 0));

		expect((await find(name)).skus[0].attributes).toEqual({ 颜色: "黑色" });
	});

	it("refuses what is no file of products", async () => {
		const row = `x,${category.path},,,${unique("F-")},1.00,黑`;
		const zip = Buffer.concat([Buffer.from("504b030414000000", "hex"), Buffer.alloc(100, 7)]);

		expect(await refusal(zip)).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
		expect(await refusal(`${HEADER}\n${row.replace("x", "x".repeat(10_000_000))}`)).toEqual([
			400,
			"VALIDATION_ERROR",
			["file"]
		]);
		const tooLarge = await sendRaw(shop.url, "POST", "/api/v1/admin/products/import", {
			Authorization: `Bearer ${staff.token}`,
			"Content-Type": "multipart/form-data; boundary=x",
			"Content-Length": String(52 * 1024 * 1024)
		});
		expect(tooLarge.status).toBe(413);
		expect(await refusal(`${HEADER},price,colour,spec:\n${row}`)).toEqual([
			400,
			"VALIDATION_ERROR",
			["price", "colour", "spec:"]
		]);
		expect(await refusal("product,price\nx,1")).toEqual([
			400,
			"VALIDATION_ERROR",
			["category", "skuCode"]
		]);
		expect(await refusal(`${HEADER}\n"x,1\n`)).toEqual([400, "VALIDATION_ERROR", ["file"]]);
		expect(await refusal(Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x41]))).toEqual([
			400,
			"VALIDATION_ERROR",
			["file"]
		]);
		expect(await refusal("")).toEqual([400, "VALIDATION_ERROR", ["file"]]);
		expect((await send(HEADER, "", "other")).status).toBe(400);
		expect((await staff.send("POST", "/admin/products/import", {})).status).toBe(415);
		expect((await send(HEADER, "?atomic=maybe")).status).toBe(400);
	});

	it("shows how far it is, and that it has ended", async () => {
		await load([HEADER, `${unique("进度")},${category.path},,,${unique("G-")},1.00,黑`].join("\n"));

		const [latest] = (await staff.mustSend("GET", "/admin/imports")).items;
		const shown = await staff.mustSend("GET", `/admin/imports/${latest.id}`);

		expect(shown).toMatchObject({ state: "done", total: 1, ...counts(1, 0, 0), errors: [] });
		expect(shown.finishedAt).not.toBeNull();
	});

	it("is done once when the same file is sent twice at a time", async () => {
		const name = unique("同时");
		const rows = Array.from(
			{ length: 60 },
			(_, n) => `${name} ${n},${category.path},,,${unique("H-")},1.00,黑`
		);
		const file = [HEADER, ...rows].join("\n");

		const both = await Promise.all([load(file), load(file)]);

		const created = both.map(result => result.created);
		expect(Math.max(...created)).toBe(60);
		expect(created.every(n => n === 60 || n === 0)).toBe(true);
	});
});

describe("an export", () => {
	/** Texts that spreadsheets and parsers of CSV are known to break. */
	const odd = fc.string({
		unit: fc.constantFrom(
			...["=", "+", "-", "@", "'", '"', "|", ",", ";", "\\", " ", "0", "茶", "a", "%"],
			...["\n", "\r\n", "\r", "\t", "😀", "é"]
		),
		minLength: 1,
		maxLength: 12
	});
	const visible = (text: string) => `x${text.replace(/[\r\n\t]/g, " ")}y`;

	it("is imported again without any change, whatever is in it", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(odd, odd, odd, odd), { minLength: 1, maxLength: 6 }),
				async texts => {
					const categoryId = await staff.addCategory();
					const tag = (await staff.mustSend("POST", "/admin/tags", { name: unique("a|b\\") })).id;
					for (const [a, b, c, d] of texts)
						await staff.addDraft({
							categoryId,
							name: `${/^['=+@-]/.test(a) ? a.replace(/[\r\n\t]/g, "") : ""}茶`,
							subtitle: c,
							description: d,
							tagIds: [tag],
							attributes: { [unique("产地")]: visible(b) },
							skus: [
								{
									code: `00${unique("'=")}`,
									name: visible(a),
									price: 5,
									weight: 1_250,
									attributes: { 款: visible(b) }
								},
								{ code: unique("="), price: 1_000_000_000, marketPrice: 7, attributes: {} }
							]
						});

					const file = await save(`?categoryId=${categoryId}`);

					expect(await load(file)).toEqual({ ...counts(0, 0, 2 * texts.length), errors: [] });
					expect(await save(`?categoryId=${categoryId}`)).toBe(file);
				}
			),
			{ numRuns: 8 }
		);
	});

	it("takes the filters of the list, and is for merchandisers", async () => {
		const name = unique("滤");
		await staff.addDraft({ name });

		const file = await save(`?q=${encodeURIComponent(name)}&status=draft`);
		const none = await save(`?q=${encodeURIComponent(name)}&status=on_shelf`);

		expect([file.trim().split("\r\n").length, none.trim().split("\r\n").length]).toEqual([2, 1]);
		expect((await staff.send("GET", "/admin/products/export?state=x")).status).toBe(400);
		const token = await shop.asUser();
		expect((await shop.http("GET", "/admin/products/export", { token })).status).toBe(403);
	});
});

it("are saved and loaded by npm run export and npm run import", async () => {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-csv-"));
	const run = async (command: "export" | "import", file: string) => {
		const script = join(ROOT, `scripts/product-files/${command}.ts`);
		const args = [...RUN_TYPESCRIPT, script, file, "--url", shop.url];
		const env = { ...process.env, MALL_PASSWORD: "Mall-admin-1" };
		return promisify(execFile)(process.execPath, args, { env }).catch(
			(failed: unknown) => failed as { code: number; stdout: string }
		);
	};
	try {
		const file = join(folder, "products.csv");
		const row = (price: string) => `${unique("茶")},${category.path},,,${unique("L-")},${price},黑`;
		await load(`${HEADER}\n${row("1.00")}\n`);
		const saved = await run("export", file);
		const loaded = await run("import", file);
		writeFileSync(join(folder, "bad.csv"), `${HEADER}\n${row("one")}\n`);
		const refused = await run("import", join(folder, "bad.csv"));

		expect(saved.stdout).toMatch(/\[#{20}\] (\d+)\/\1 products/);
		expect(loaded.stdout).toMatch(/ 0 created, 0 updated, [1-9]\d* unchanged, 0 failed/);
		expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/^line 2, price: /m) });
	} finally {
		rmSync(folder, { recursive: true });
	}
});
