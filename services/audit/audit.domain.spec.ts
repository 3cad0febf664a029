import { createHash } from "node:crypto";
import fc from "fast-check";
import {
	CHAIN_START,
	isNextEntry,
	linkEntry,
	toView,
	type AuditInput,
	type AuditRecord
} from "./audit.domain";

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");
const NOW = new Date("2026-05-01T08:00:00Z");
const anInput = (more: Partial<AuditInput> = {}): AuditInput => ({
	by: "u1",
	roles: "admin",
	action: "products.approve",
	params: { id: "p1" },
	outcome: "OK",
	ip: "127.0.0.1",
	requestId: "r1",
	...more
});

function chain(n: number): AuditRecord[] {
	const entries: AuditRecord[] = [];
	for (let i = 0; i < n; i++)
		entries.push(linkEntry(entries.at(-1) ?? CHAIN_START, anInput({ requestId: `r${i}` }), NOW, sha256));
	return entries;
}
const isWhole = (entries: readonly AuditRecord[]) =>
	entries.every((entry, i) => isNextEntry(entries[i - 1] ?? CHAIN_START, entry, sha256));

it("holds together, also after a round over the wire", () => {
	const stored = chain(5).map(entry => ({ ...structuredClone(entry), outboxAt: undefined }));

	expect(isWhole(stored)).toBe(true);
});

it("shows any entry that was changed, taken out, put in or moved", () => {
	const place = fc.nat({ max: 4 });
	const changes = fc.constantFrom<Partial<AuditRecord>>(
		{ by: "u2" },
		{ outcome: "FORBIDDEN" },
		{ at: new Date(0) },
		{ params: {} },
		{ ip: null },
		{ action: "x" },
		{ previous: "x" }
	);
	fc.assert(
		fc.property(place, changes, (i, change) => {
			const edited = chain(6).map((entry, k) => (k === i ? { ...entry, ...change } : entry));
			const removed = chain(6).toSpliced(i, 1);
			const doubled = chain(6).toSpliced(i, 0, ...chain(6).slice(i, i + 1));
			const moved = chain(6).toSpliced(
				i,
				2,
				...chain(6)
					.slice(i, i + 2)
					.reverse()
			);

			expect([edited, removed, doubled, moved].map(isWhole)).toEqual([false, false, false, false]);
		})
	);
});

it("keeps ids in the order of the chain", () => {
	expect(chain(3).map(({ _id }) => _id)).toEqual(["000000000001", "000000000002", "000000000003"]);
});

it("keeps no secret, at whatever depth, no whole phone and nothing long", () => {
	const params = {
		password: "p",
		a: [{ smsCode: "1", phone: "138 1234 5678" }],
		phone: "my password",
		text: "x".repeat(600),
		n: 7,
		z: null
	};

	const kept = linkEntry(CHAIN_START, anInput({ params }), NOW, sha256).params;

	expect(kept).toEqual({
		password: "[hidden]",
		a: [{ smsCode: "[hidden]", phone: "138****5678" }],
		phone: "[hidden]",
		text: `${"x".repeat(500)}…`,
		n: 7,
		z: null
	});
});

it("cuts long texts between two characters", () => {
	const params = { text: "😀".repeat(501), whole: "😀".repeat(500) };

	const kept = linkEntry(CHAIN_START, anInput({ params }), NOW, sha256).params;

	expect(kept).toEqual({ text: `${"😀".repeat(500)}…`, whole: params.whole });
});

it("keeps values under names that no document can have", () => {
	const value = JSON.parse('{"$where": 1, "__proto__": 2, "a\\u0000b": 3}') as object;

	const kept = linkEntry(CHAIN_START, anInput({ params: { value } }), NOW, sha256).params;

	expect(kept).toEqual({ value: { _$where: 1, ___proto__: 2, ab: 3 } });
});

it("is shown without its links", () => {
	const [entry] = chain(1);

	expect(entry && toView(entry)).toEqual({
		...anInput({ requestId: "r0" }),
		id: "000000000001",
		at: NOW.toISOString()
	});
});
