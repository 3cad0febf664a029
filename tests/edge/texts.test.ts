import { aSku, StaffClient, unique } from "../support/builders";
import { sendRaw } from "../support/raw-http";
import { SharedShop } from "../support/shared-shop/shared-shop";
import type { Reply } from "../support/shop";
import { Shopper } from "../support/shopper";

let shop: SharedShop;
let staff: StaffClient;
let customer: Shopper;
beforeAll(async () => {
	shop = await SharedShop.open();
	staff = new StaffClient(shop, await shop.asAdmin());
	customer = new Shopper(shop, await shop.asUser());
});

const faultOf = ({ status, body }: Reply) => [status, body.data?.[0]?.field];
const ADDRESS = {
	receiver: "李雷",
	phone: "13900000000",
	province: "浙江省",
	city: "杭州市",
	district: "西湖区",
	detail: "文三路 1 号"
};

describe("an address of a picture", () => {
	const SCRIPTS = [
		"javascript:alert(1)",
		"\u0001javascript:alert(1)",
		"data:text/html,x",
		"//evil.example/a",
		"/\\evil.example/a",
		"https://user:secret@a.example/",
		"a.png"
	];

	it.each(SCRIPTS)("is nowhere %j", async address => {
		const { id } = await staff.addDraft();
		const add = (path: string, body: object) => staff.send("POST", `/admin/${path}`, body);

		const replies = await Promise.all([
			add("brands", { name: unique(), logo: address }),
			add("categories", { name: unique(), icon: address }),
			add("products", { name: unique(), categoryId: "c", images: [address], skus: [aSku()] }),
			add(`products/${id}/skus`, aSku({ image: address }))
		]);

		expect(replies.map(faultOf)).toEqual([
			[400, "logo"],
			[400, "icon"],
			[400, "images[0]"],
			[400, "image"]
		]);
	});

	it.each(["https://cdn.example.com/图.png?w=1", "/pictures/a.svg"])("may be %s", async address => {
		const brand = await staff.mustSend("POST", "/admin/brands", { name: unique(), logo: address });
		const category = await staff.mustSend("POST", "/admin/categories", { name: unique(), icon: address });
		const product = await staff.addDraft({ images: [address], skus: [aSku({ image: address })] });

		expect([brand.logo, category.icon, product.images[0], product.skus[0].image]).toEqual(
			Array(4).fill(address)
		);
	});
});

describe("a name", () => {
	it.each(["\u200b", "\u3164", "\u2800\u00ad", "a\u202eb", "a\nb", "a\u0007b", "\ufeff"])(
		"is nowhere %j",
		async name => {
			const { id, categoryId } = await staff.addDraft();
			const replies = await Promise.all([
				staff.send("POST", "/admin/brands", { name }),
				staff.send("POST", "/admin/tags", { name }),
				staff.send("POST", "/admin/categories", { name }),
				staff.send("POST", "/admin/attributes", { name, kind: "spec", input: "text" }),
				staff.send("POST", "/admin/products", { name, categoryId, skus: [aSku()] }),
				staff.send("PATCH", `/admin/products/${id}`, { name }),
				customer.send("PATCH", "/me", { nickname: name })
			]);

			expect(replies.map(faultOf)).toEqual([...Array(6).fill([400, "name"]), [400, "nickname"]]);
		}
	);

	it.each(["क्‍ष नमस्ते", "می‌خواهم", "茶 👨‍👩‍👧 ❤️", "Żółć 𠮷"])("stays as it is: %s", async text => {
		const name = `${text} ${unique("")}`;

		const brand = await staff.mustSend("POST", "/admin/brands", { name });
		const tag = await staff.mustSend("POST", "/admin/tags", { name });
		const product = await staff.addDraft({ name, skus: [aSku({ attributes: { 颜色: text } })] });

		expect([brand.name, tag.name, product.name]).toEqual([name, name, name]);
		expect(product.skus[0].attributes).toEqual({ 颜色: text });
	});
});

describe("a field of a parcel's label", () => {
	const fields = ["receiver", "province", "city", "district", "detail", "postalCode", "label"];

	it.each(fields)("refuses invisible characters and direction overrides in a %s", async field => {
		const texts = ["\u200b", "a\nb", "a\u202eb", "a\u2067b", "\u0000"];

		const replies = await Promise.all(
			texts.map(text => customer.send("POST", "/me/addresses", { ...ADDRESS, [field]: text }))
		);

		expect(replies.map(faultOf)).toEqual(texts.map(() => [400, field]));
	});

	it("stays as it is in every script", async () => {
		const given = { ...ADDRESS, receiver: "می‌خواهم क्‍ष", detail: "Żółta 5 🏠‍" };

		expect(await customer.mustSend("POST", "/me/addresses", given)).toMatchObject(given);
	});

	it.each([
		["１３９１２３４５６７８", "13912345678"],
		["+86 139-1234-5678", "13912345678"],
		["\u202d+86\u00a0139 1234 5678\u202c\n", "13912345678"],
		["  \u200b139\t1234  5678 \ufeff  ", "13912345678"],
		["（０２１）６２３４－５６７８", "021-6234-5678"]
	])("has one form of the phone %j", async (phone, form) => {
		expect((await customer.mustSend("POST", "/me/addresses", { ...ADDRESS, phone })).phone).toBe(form);
	});
});

it("knows an account by its phone however it is typed", async () => {
	const login = (phone: string) =>
		shop.http("POST", "/auth/login", { body: { phone, password: "Mall-user-1" } });

	const replies = await Promise.all(
		["＋８６ １３９００００００００", "\u202d139 0000 0000\u202c", "(+86) 139–0000–0000 "].map(login)
	);

	expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
});

describe("a SKU's code", () => {
	it.each(["A 1", "A\u200b1", "\u202eA1", "A\u3000", "A\n1"])("is not %j", async code => {
		const { id } = await staff.addDraft();

		const reply = await staff.send("POST", `/admin/products/${id}/skus`, aSku({ code }));

		expect(faultOf(reply)).toEqual([400, "code"]);
	});
});

describe("a body", () => {
	const patchMe = (bytes: Buffer) =>
		sendRaw(
			shop.url,
			"PATCH",
			"/api/v1/me",
			{
				Authorization: `Bearer ${customer.token}`,
				"Content-Type": "application/json",
				"Content-Length": String(bytes.length)
			},
			bytes
		);
	const named = (...bytes: number[]) =>
		Buffer.concat([Buffer.from('{"nickname":"'), Buffer.from(bytes), Buffer.from('"}')]);

	it.each([
		["Latin-1", named(0x5a, 0x6f, 0xeb)],
		["GBK", named(0xd6, 0xd0)],
		["half of a character", named(0xe4, 0xb8)],
		["an overlong form", named(0xc0, 0xaf)],
		["a surrogate", named(0xed, 0xa0, 0x80)],
		["beyond Unicode", named(0xf5, 0x80, 0x80, 0x80)]
	])("of bytes that are no UTF-8 is refused: %s", async (_, bytes) => {
		const { status, text } = await patchMe(bytes);

		expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([400, "MALFORMED_JSON"]);
	});

	it("in UTF-8 is read unchanged", async () => {
		const { status, text } = await patchMe(named(...Buffer.from("Zoë 😀")));

		expect([status, (JSON.parse(text) as Reply["body"]).data.nickname]).toEqual([200, "Zoë 😀"]);
	});

	it.each([
		['{"nickname":"\\ud83d!"}', "nickname"],
		['{"nickname":"a","\\udc00":1}', "\ufffd"],
		['{"a":[{"b":"\\ud800"}]}', "a[0].b"]
	])("with half of a character is refused by its field: %s", async (text, field) => {
		const { status, text: answer } = await patchMe(Buffer.from(text));
		const { code, data } = JSON.parse(answer) as Reply["body"];

		expect([status, code, data[0].field, data[0].type]).toEqual([
			400,
			"VALIDATION_ERROR",
			field,
			"halfCharacter"
		]);
	});
});

describe("a body that the contract allows", () => {
	const post = (body: string) =>
		shop.http("POST", "/admin/products", {
			token: staff.token,
			headers: { "Content-Type": "application/json" },
			body
		});
	const escaped = (json: string) =>
		json.replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

	it.each([
		["as it is", (json: string) => json],
		["with every character escaped", escaped]
	])("fits, to the last character of a description, %s", async (_, written) => {
		const categoryId = await staff.addCategory();
		for (const character of ["中", "😀"]) {
			const description = character.repeat(50_000);
			const product = { name: unique(), categoryId, description, skus: [aSku()] };

			const reply = await post(written(JSON.stringify(product)));
			const longer = await post(
				written(JSON.stringify({ ...product, description: `${description}x` }))
			);

			expect([reply.status, reply.body.data.description === description]).toEqual([201, true]);
			expect([longer.body.code, ...faultOf(longer)]).toEqual(["VALIDATION_ERROR", 400, "description"]);
		}
	});

	it("of the largest size is accepted and returned whole", async () => {
		const attributes = (count: number) =>
			Object.fromEntries(
				Array.from({ length: count }, (_, n) => [`${n}${"😀".repeat(60)}`, `${n}${"𠮷".repeat(98)}`])
			);
		const skus = Array.from({ length: 100 }, (_, n) => ({
			code: `${unique()}${"货".repeat(50)}`,
			name: "𠮷".repeat(120),
			price: 1,
			image: `/${"图".repeat(499)}`,
			attributes: { ...attributes(19), 款: String(n) }
		}));
		const product = {
			name: "𠮷".repeat(120),
			categoryId: await staff.addCategory(),
			subtitle: "😀".repeat(200),
			description: "😀".repeat(50_000),
			images: Array.from({ length: 20 }, () => `/${"图".repeat(499)}`),
			attributes: attributes(50),
			skus
		};

		const { status, body } = await post(escaped(JSON.stringify(product)));

		expect(status).toBe(201);
		expect(body.data.skus.map(({ attributes: own }: { attributes: object }) => own)).toEqual(
			skus.map(sku => sku.attributes)
		);
		const more = { ...product, attributes: attributes(51) };
		expect(faultOf(await post(JSON.stringify(more)))).toEqual([400, "attributes"]);
	});

	it("still has a limit", async () => {
		expect((await post(`{"name":"${"x".repeat(6_000_000)}"}`)).status).toBe(413);
	});
});
