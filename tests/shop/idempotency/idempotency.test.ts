import { ulid } from "ulid";
import type * as BackendsModule from "../../../infrastructure/backends";
import { call } from "../../../schemas/registry";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";

let shop: Shop;
let backends: (typeof BackendsModule)["backends"];
beforeAll(async () => {
	shop = await startShop();
	({ backends } = require("../../../infrastructure/backends") as typeof BackendsModule);
});
afterAll(() => shop.stop());

const aKey = () => ({ userId: "u1", route: "POST /orders", key: ulid() });
const claim = async (scope: ReturnType<typeof aKey>, fingerprint = "f1", claimId = ulid()) => ({
	claimId,
	...(await call(shop.broker, "idempotency.claim", { ...scope, fingerprint, claimId }))
});
const complete = (claimId: string, body: unknown) =>
	call(shop.broker, "idempotency.complete", { claimId, status: 201, body });
async function taken(scope: ReturnType<typeof aKey>): Promise<string> {
	const { verdict, claimId } = await claim(scope);
	expect(verdict).toBe("run");
	return claimId;
}
/** Ages a claim. */
const age = (claimId: string, fields: object) =>
	backends.collection("idempotency_claims").change({ claimId }, { $set: { ...fields } });

it("lets exactly one of 50 concurrent equal requests run", async () => {
	const scope = aKey();

	const verdicts = await Promise.all(Array.from({ length: 50 }, () => claim(scope)));

	expect(verdicts.filter(({ verdict }) => verdict === "run")).toHaveLength(1);
	expect(verdicts.filter(({ verdict }) => verdict === "running")).toHaveLength(49);
});

it("gives later requests the first answer, whatever its fields are called", async () => {
	const scope = aKey();
	const body = { code: "OK", data: { "a.b": 1, $set: [null, "2026-01-31T08:00:00.000Z"], 颜色: "黑" } };
	const claimId = await taken(scope);

	await complete(claimId, body);
	await complete(claimId, { other: true });

	expect(await claim(scope)).toMatchObject({ verdict: "replay", status: 201, body });
});

it("refuses other content under the key, while the first request runs and after", async () => {
	const scope = aKey();
	const claimId = await taken(scope);

	const during = await claim(scope, "f2");
	await complete(claimId, null);
	const after = await claim(scope, "f2");

	expect([during, after]).toMatchObject([{ verdict: "reused" }, { verdict: "reused" }]);
});

it("keeps the keys of users and routes apart", async () => {
	const scope = aKey();
	await taken(scope);

	expect((await claim({ ...scope, userId: "u2" })).verdict).toBe("run");
	expect((await claim({ ...scope, route: "POST /payments" })).verdict).toBe("run");
});

it("is free again once its holder releases it, but not when a former holder does", async () => {
	const scope = aKey();
	const first = await taken(scope);
	await call(shop.broker, "idempotency.release", { claimId: first });
	const second = await taken(scope);

	await call(shop.broker, "idempotency.release", { claimId: first });

	expect(second).not.toBe(first);
	expect((await claim(scope)).verdict).toBe("running");
});

it("is free for the same content only when the outcome is unknown", async () => {
	const scope = aKey();
	const claimId = await taken(scope);

	await call(shop.broker, "idempotency.release", { claimId, unknown: true });

	expect((await claim(scope, "other")).verdict).toBe("reused");
	expect((await claim(scope)).verdict).toBe("run");
	expect((await claim(scope)).verdict).toBe("running");
});

it("does not release a finished key", async () => {
	const scope = aKey();
	const claimId = await taken(scope);
	await complete(claimId, 1);

	await call(shop.broker, "idempotency.release", { claimId });

	expect((await claim(scope)).verdict).toBe("replay");
});

it("passes from a crashed holder to one other, and ignores the first one's late answer", async () => {
	const scope = aKey();
	const first = await taken(scope);
	await age(first, { leaseUntil: new Date(Date.now() - 1) });

	const others = await Promise.all(Array.from({ length: 20 }, () => claim(scope)));
	const second = others.find(({ verdict }) => verdict === "run")?.claimId;
	await complete(first, "late");
	await complete(String(second), "second");

	expect(others.filter(({ verdict }) => verdict === "run")).toHaveLength(1);
	expect(await claim(scope)).toMatchObject({ verdict: "replay", status: 201, body: "second" });
});

describe("after a day", () => {
	const expire = async (claimId: string) => {
		await complete(claimId, 1);
		await age(claimId, { expiresAt: new Date(Date.now() - 1) });
	};

	it("the key is free for any content", async () => {
		const scope = aKey();
		await expire(await taken(scope));

		const again = await claim(scope, "f2");

		expect(again.verdict).toBe("run");
		expect((await claim(scope, "f2")).verdict).toBe("running");
	});

	it("the expired claim is removed, and only that", async () => {
		const claims = backends.collection("idempotency_claims");
		const [old, young] = [await taken(aKey()), await taken(aKey())];
		await expire(old);

		// A service sweeps soon after its start.
		const service = shop.broker.getLocalService("idempotency");
		await shop.broker.destroyService(service);
		shop.broker.createService(service.originalSchema);

		await until("it is swept", async () => (await claims.count({ claimId: old })) === 0);
		expect(await claims.count({ claimId: young })).toBe(1);
	});
});
