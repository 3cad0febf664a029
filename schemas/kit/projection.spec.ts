import fc from "fast-check";
import * as r from "./rules";
import { compileProjection } from "./projection";

const user = r.obj({
	id: r.str(),
	nickname: r.opt(r.orNull(r.str())),
	addresses: r.list(r.obj({ city: r.str() })),
	extra: r.record(r.obj({ n: r.int() })),
	box: r.orNull(r.obj({ a: r.int() }))
});

it("keeps what the rule names, at every depth, and nothing else", () => {
	const stored = {
		_id: "x",
		id: "u1",
		nickname: null,
		passwordHash: "secret",
		addresses: [{ city: "杭州", phone: "secret" }],
		extra: { a: { n: 1, m: "secret" } },
		box: { a: 1, b: "secret" }
	};

	expect(compileProjection(user)(stored)).toEqual({
		id: "u1",
		nickname: null,
		addresses: [{ city: "杭州" }],
		extra: { a: { n: 1 } },
		box: { a: 1 }
	});
});

it("leaves the value itself as it was, since a cache may hold it", () => {
	const stored = Object.freeze({ id: "u1", secret: 1, addresses: Object.freeze([]), extra: {}, box: null });

	expect(compileProjection(user)(stored)).toEqual({ id: "u1", addresses: [], extra: {}, box: null });
	expect(stored.secret).toBe(1);
});

it("hands on what has no shape", () => {
	expect(compileProjection(r.any())({ a: [1] })).toEqual({ a: [1] });
	expect(compileProjection(r.nothing)(null)).toBeNull();
	expect(compileProjection(r.list(r.str()))(null)).toBeNull();
});

it("is done once it is done: a second time changes nothing", () => {
	const cut = compileProjection(user);

	fc.assert(
		fc.property(
			fc.object({ key: fc.constantFrom("id", "addresses", "extra", "box", "city", "n", "a") }),
			value => {
				expect(cut(cut(value))).toEqual(cut(value));
			}
		)
	);
});
