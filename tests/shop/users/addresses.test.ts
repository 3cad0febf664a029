import { call } from "../../../schemas/registry";
import type { UsersContext } from "../../../services/users/users.context";
import type { Shop } from "../../support/shop";
import {
	countOutcomes,
	registerPerson,
	outcomeOf,
	startAccounts,
	times,
	type Person
} from "../../support/people";

let shop: Shop;
let person: Person;
beforeAll(async () => {
	shop = await startAccounts();
});
afterAll(() => shop.stop());
beforeEach(async () => {
	person = await registerPerson(shop);
});

const home = {
	receiver: "王小明",
	phone: "13812345678",
	province: "浙江省",
	city: "杭州市",
	district: "西湖区",
	detail: "文三路 100 号"
};
const http = (method: string, path = "", body?: object, token = person.accessToken) =>
	shop.http(method, `/me/addresses${path}`, { token, ...(body && { body }) });
const add = async (more: object = {}) => (await http("POST", "", { ...home, ...more })).body.data;
const list = async () => (await http("GET")).body.data;
type View = { id: string; isDefault: boolean };
const defaults = async () =>
	(await list()).items.filter(({ isDefault }: View) => isDefault).map(({ id }: View) => id);

it("stores an address normalised", async () => {
	const { status, body } = await http("POST", "", {
		...home,
		receiver: " 王小明 ",
		phone: "+86 138-1234-5678",
		label: "家"
	});

	expect(status).toBe(201);
	const { id, ...rest } = body.data;
	expect(rest).toEqual({ ...home, postalCode: null, label: "家", isDefault: true });
	expect((await http("GET", `/${id}`)).body.data).toEqual(body.data);
	expect(await list()).toEqual({ items: [body.data], page: 1, pageSize: 20, total: 1 });
});

it("changes any subset of the fields", async () => {
	await add();
	const { id } = await add({ label: "公司", postalCode: "310000" });

	const { body } = await http("PATCH", `/${id}`, { detail: "文二路 1 号", label: null });

	expect(body.data).toEqual({
		...home,
		id,
		detail: "文二路 1 号",
		label: null,
		postalCode: "310000",
		isDefault: false
	});
	expect((await list()).items[0].detail).toBe(home.detail);
});

it.each([
	{ receiver: "" },
	{ receiver: "   " },
	{ phone: "12345" },
	{ phone: "abc" },
	{ city: undefined },
	{ detail: "x".repeat(201) },
	{ province: 7 },
	{ province: "火星省" },
	{ city: "深圳市" },
	{ postalCode: "12345678901" },
	{ isDefault: "yes" },
	{ userId: "somebody" },
	{ id: "mine" }
])("refuses %j", async wrong => {
	const reply = await http("POST", "", { ...home, ...wrong });

	expect(outcomeOf(reply)).toBe("400 VALIDATION_ERROR");
	expect((await list()).total).toBe(0);
});

it("checks the place of a new address and of one that moves, and leaves older ones as they are", async () => {
	const { id } = await add();
	const patch = async (body: object) => (await http("PATCH", `/${id}`, body)).body;
	const moved = await patch({ city: "宁波市", district: "海曙区" });
	const wrong = await patch({ district: "西湖区" });
	const { users } = shop.broker.getLocalService("users") as unknown as UsersContext;
	const own = { arrayFilters: [{ "own.id": id }] };
	const { id: userId } = (await shop.http("GET", "/me", { token: person.accessToken })).body.data;
	await users.change({ _id: userId }, { $set: { "addresses.$[own].district": "旧区" } }, [], own);

	const kept = await patch({ receiver: "王大明" });

	expect(moved.data).toMatchObject({ province: "浙江省", city: "宁波市", district: "海曙区" });
	expect(wrong).toMatchObject({ code: "VALIDATION_ERROR", data: [{ field: "district" }] });
	expect(kept.data).toMatchObject({ receiver: "王大明", district: "旧区" });
});

it("has one default: the first, then the chosen one, and another when that is removed", async () => {
	const [a, b, c] = [await add(), await add(), await add({ isDefault: true })];
	const seen = [await defaults()];

	await http("PUT", `/${b.id}/default`);
	seen.push(await defaults());
	await http("PATCH", `/${a.id}`, { isDefault: true });
	seen.push(await defaults());
	await http("PATCH", `/${a.id}`, { isDefault: false });
	seen.push(await defaults());
	await http("DELETE", `/${a.id}`);
	seen.push(await defaults());

	expect(seen).toEqual([[c.id], [b.id], [a.id], [a.id], [b.id]]);
});

it("holds at most twenty, also with concurrent additions", async () => {
	for (const _ of times(15, () => 0)) await add();

	const replies = await Promise.all(times(10, () => http("POST", "", home)));

	expect(countOutcomes(replies, "201 OK")).toBe(5);
	expect(countOutcomes(replies, "409 LIMIT_REACHED")).toBe(5);
	expect((await list()).total).toBe(20);
});

it("has exactly one default under concurrent changes", async () => {
	const made: View[] = [];
	for (const _ of times(5, () => 0)) made.push(await add());

	await Promise.all(
		made.flatMap(({ id }, i) => [
			http("PUT", `/${id}/default`),
			i % 2 ? http("DELETE", `/${id}`) : http("POST", "", { ...home, isDefault: true })
		])
	);

	expect(await defaults()).toHaveLength(1);
	expect((await list()).total).toBe(6);
});

it("is invisible to other users", async () => {
	const { id } = await add();
	const { accessToken } = await registerPerson(shop);

	const replies = await Promise.all([
		http("GET", `/${id}`, undefined, accessToken),
		http("PATCH", `/${id}`, { detail: "elsewhere" }, accessToken),
		http("PUT", `/${id}/default`, undefined, accessToken),
		http("DELETE", `/${id}`, undefined, accessToken),
		http("DELETE", "/nothing")
	]);

	expect(replies.map(outcomeOf)).toEqual(Array(5).fill("404 NOT_FOUND"));
	expect((await list()).total).toBe(1);
});

it("is copied into an order for its owner only", async () => {
	const { id } = await add({ label: "家" });
	const other = await registerPerson(shop);

	const copied = await call(shop.broker, "users.address", { userId: person.user.id, addressId: id });
	const foreign = call(shop.broker, "users.address", { userId: other.user.id, addressId: id });

	expect(copied).toEqual({ ...home, postalCode: null, label: "家" });
	await expect(foreign).rejects.toMatchObject({ type: "NOT_FOUND" });
});
