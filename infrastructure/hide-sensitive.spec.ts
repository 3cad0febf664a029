import { hideSensitive } from "./hide-sensitive";

it("hides what contracts mark, at any depth, and keeps what tells what happened", () => {
	const err = Object.assign(new Error("no"), {
		code: 422,
		data: [{ field: "a", actual: "canary", phone: "1" }]
	});
	const line = {
		code: "REQUEST_FAILED",
		route: "POST /auth/login",
		params: {
			phone: "1",
			password: "p",
			a: [{ b: { smsCode: "1", remark: "r", n: 7 } }],
			code: "123456"
		},
		ctx: { anything: 1 },
		body: Buffer.from("abc"),
		at: new Date(0),
		err
	};

	expect(hideSensitive(line)).toMatchObject({
		code: "REQUEST_FAILED",
		route: "POST /auth/login",
		params: {
			phone: "[hidden]",
			password: "[hidden]",
			a: [{ b: { smsCode: "[hidden]", remark: "[hidden]", n: 7 } }],
			code: "[hidden]"
		},
		ctx: "[hidden]",
		body: "[hidden]",
		at: new Date(0),
		err: { message: "no", code: 422, data: [{ field: "a", actual: "[hidden]", phone: "[hidden]" }] }
	});
	expect(hideSensitive({ code: "123456" })).toEqual({ code: "[hidden]" });
});

it("ends at an object that holds itself, and at one of many parts", () => {
	const loop: Record<string, unknown> = { many: Array.from({ length: 10_000 }, () => ({})) };
	loop["self"] = loop;

	expect(JSON.stringify(hideSensitive(loop)).length).toBeLessThan(1_000_000);
});
