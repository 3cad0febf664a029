import { Errors } from "moleculer";
import { invalid, Refusal } from "../../schemas/errors/errors";
import { FAULTS, MESSAGES } from "../../schemas/errors/messages";
import { ERROR_CODES, isRefusalType } from "../../schemas/errors/error-codes";
import { toErrorAnswer } from "./error-answer";

describe("toErrorAnswer", () => {
	const refusals = Object.entries(ERROR_CODES).flatMap(([type, { status }]) =>
		isRefusalType(type) ? [[type, status] as const] : []
	);
	it.each(refusals)("gives %s its status %d", (type, status) => {
		const answer = toErrorAnswer(new Refusal(type, "for developers"), "en");

		expect(answer).toMatchObject({ status, code: type });
	});

	it("hands on the details of a refusal", () => {
		const items = [{ skuId: "p-1", requested: 2, available: 1 }];

		const answer = toErrorAnswer(new Refusal("OUT_OF_STOCK", "short", { items }), "en");

		expect(answer.data).toEqual({ items });
	});

	it("knows a refusal by its type, since between nodes the class is lost", () => {
		const travelled = Object.assign(new Error("short"), {
			type: "OUT_OF_STOCK",
			code: 409,
			data: { n: 1 }
		});

		expect(toErrorAnswer(travelled, "en")).toMatchObject({
			status: 409,
			code: "OUT_OF_STOCK",
			data: { n: 1 }
		});
	});

	it.each([
		["a plain error", new Error("mongodb://user:secret@host")],
		["a server error", new Errors.MoleculerServerError("secret", 500, "SOME_TYPE", { secret: 1 })],
		[
			"a client error of an unknown type",
			new Errors.MoleculerClientError("secret", 400, "SECRET", { a: 1 })
		],
		["an error whose type is a name every object has", Object.assign(new Error(), { type: "toString" })],
		["a text", "secret"],
		["null", null],
		["nothing", undefined]
	])("tells nothing about %s", (_, err) => {
		expect(toErrorAnswer(err, "en")).toEqual({
			status: 500,
			code: "INTERNAL_ERROR",
			data: null,
			headers: {}
		});
	});

	it.each([
		[new Errors.ServiceNotFoundError({ action: "orders.create" }), 503, "SERVICE_UNAVAILABLE"],
		[new Errors.ServiceNotAvailableError({ action: "orders.create" }), 503, "SERVICE_UNAVAILABLE"],
		[new Errors.RequestTimeoutError({ action: "orders.create" }), 504, "REQUEST_TIMEOUT"],
		[new Errors.QueueIsFullError({ action: "orders.create" }), 503, "SERVICE_UNAVAILABLE"]
	])("says what a failure of the bus means, and no name of ours: %s", (err, status, code) => {
		expect(toErrorAnswer(err, "en")).toMatchObject({ status, code, data: null });
	});

	it("says when to come again", () => {
		const tooMany = (data?: object) =>
			toErrorAnswer(new Refusal("TOO_MANY_REQUESTS", "", data), "en").headers;

		expect(tooMany({ retryAfter: 12.3 })).toEqual({ "Retry-After": "13" });
		expect(tooMany({ retryAfter: 0 })).toEqual({ "Retry-After": "1" });
		expect(tooMany()).toEqual({ "Retry-After": "1" });
		expect(toErrorAnswer(new Refusal("SERVICE_UNAVAILABLE", ""), "en").headers).toEqual({
			"Retry-After": "1"
		});
	});

	it.each(["UNAUTHORIZED", "TOKEN_EXPIRED"] as const)("says with %s how to authenticate", type => {
		expect(toErrorAnswer(new Refusal(type, ""), "en").headers["WWW-Authenticate"]).toMatch(/^Bearer/);
	});

	describe("of a broken rule", () => {
		const broken = (...faults: object[]) =>
			new Errors.ValidationError("Parameters validation error!", "", faults);
		const action = "orders.create";

		it("names every field with a message in the caller's language, and nothing of ours", () => {
			const err = broken(
				{
					type: "numberMin",
					field: "items[0].quantity",
					expected: 1,
					actual: 0,
					action,
					nodeID: "n1"
				},
				{ type: "string", field: "password", actual: 5, action, nodeID: "n1" }
			);

			expect(toErrorAnswer(err, "en", action).data).toEqual([
				{ field: "items[0].quantity", type: "numberMin", message: "must be at least 1" },
				{ field: "password", type: "string", message: "must be a string" }
			]);
			expect(toErrorAnswer(err, "zh", action).data).toEqual([
				{ field: "items[0].quantity", type: "numberMin", message: "不能小于 1" },
				{ field: "password", type: "string", message: "应为字符串" }
			]);
		});

		it("names unknown fields one by one, with their place", () => {
			const root = { type: "objectStrict", field: "", actual: "a, b", action };
			const nested = { type: "objectStrict", field: "box", actual: "c", action };

			const { data } = toErrorAnswer(broken(root, nested), "en", action);

			expect((data as { field: string }[]).map(({ field }) => field)).toEqual(["a", "b", "box.c"]);
		});

		it("names at most 50 fields, and of a long name the beginning", () => {
			const names = Array.from({ length: 900 }, (_, n) => `${n}${"x".repeat(900)}`);
			const many = names.map(field => ({ type: "string", field, action }));
			const unknown = { type: "objectStrict", field: "", actual: names.join(", "), action };

			for (const err of [broken(...many), broken(unknown), broken(unknown, unknown)]) {
				const { data } = toErrorAnswer(err, "en", action);
				expect(data).toHaveLength(50);
				expect(JSON.stringify(data).length).toBeLessThan(20_000);
			}
		});

		it("is a defect of ours when the caller's action is not the one whose rule broke", () => {
			const err = broken({ type: "string", field: "x", action: "inventory.reserve" });

			expect(toErrorAnswer(err, "en", action)).toMatchObject({
				status: 500,
				code: "INTERNAL_ERROR",
				data: null
			});
		});

		it("is the caller's when a domain found it, in the caller's language", () => {
			const found = [invalid("birthday", "pastDay"), invalid("items", "unitsMax", 9999)];

			const told = found.flatMap(err =>
				(["en", "zh"] as const).map(lang => toErrorAnswer(err, lang, action))
			);

			expect(told.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
			expect(told.flatMap(({ data }) => data)).toEqual([
				{ field: "birthday", type: "pastDay", message: "must be a date in the past" },
				{ field: "birthday", type: "pastDay", message: "应为过去的日期" },
				{ field: "items", type: "unitsMax", message: "must have at most 9999 units of a SKU" },
				{ field: "items", type: "unitsMax", message: "同一规格至多 9999 件" }
			]);
		});
	});
});

it("has every code and every fault of a field in both languages", () => {
	for (const [code, { zh, en }] of Object.entries({ ...MESSAGES, ...FAULTS })) {
		expect({ code, zh }).toEqual({ code, zh: expect.stringMatching(/[一-鿿]/) });
		expect({ code, en }).toEqual({ code, en: expect.stringMatching(/^[\x20-\x7e]+$/) });
	}
});
