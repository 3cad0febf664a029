import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import {
	CHAIN_START,
	findFault,
	findLastOld,
	linkEntry,
	makeChainStart,
	readChainStart,
	toView,
	type AuditInput,
	type AuditRecord,
	type Hashes
} from "./audit.domain";

/** Hashes under the keys of these ids, the first of which is the current one. */
const hashesOf = (...keyIds: string[]): Hashes => ({
	currentKeyId: keyIds[0] ?? "",
	hash(text, keyId) {
		if (keyId === undefined) return createHash("sha256").update(text).digest("base64url");
		if (!keyIds.includes(keyId)) return null;
		return createHmac("sha256", `key of ${keyId}`).update(text).digest("base64url");
	}
});
const HASHES = hashesOf("k1");
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
		entries.push(linkEntry(entries.at(-1) ?? CHAIN_START, anInput({ requestId: `r${i}` }), NOW, HASHES));
	return entries;
}
const isWhole = (entries: readonly AuditRecord[]) =>
	entries.every((entry, i) => findFault(entries[i - 1] ?? CHAIN_START, entry, HASHES) === null);

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
		{ changes: { status: { before: "a", after: "b" } } },
		{ previous: "x" },
		{ keyId: "k2" }
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

it("ends the old part of the log at the first entry that is younger, was changed or does not fit", () => {
	const dated: AuditRecord[] = [];
	for (let i = 0; i < 6; i++) {
		const at = new Date(NOW.getTime() + i * 1000);
		dated.push(linkEntry(dated.at(-1) ?? CHAIN_START, anInput(), at, HASHES));
	}
	const end = (part: readonly AuditRecord[], seconds: number) =>
		findLastOld(CHAIN_START, part, new Date(NOW.getTime() + seconds * 1000), HASHES)?._id ?? null;
	const forged = dated.map((entry, i) => (i === 4 ? { ...entry, at: new Date(0) } : entry));

	expect(end(dated, 3)).toBe(dated[2]?._id);
	expect(end(forged, 2)).toBe(dated[1]?._id);
	expect(end(forged, 60)).toBe(dated[3]?._id);
	expect(end(dated.slice(1), 60)).toBeNull();
	expect(end(dated, 0)).toBeNull();
});

it("says why an entry can't follow", () => {
	const [first, second] = chain(2);
	if (!first || !second) throw new Error("a chain of two");
	const { keyId: _, ...unkeyed } = second;
	const forged = linkEntry(first, anInput(), NOW, hashesOf("k2"));

	expect(findFault(CHAIN_START, second, HASHES)).toMatch(/missing/);
	expect(findFault({ ...first, hash: "x" }, second, HASHES)).toMatch(/does not follow/);
	expect(findFault(first, { ...second, by: "u2" }, HASHES)).toMatch(/changed/);
	expect(findFault(first, unkeyed, HASHES)).toMatch(/no key/);
	expect(findFault(first, forged, HASHES)).toBe("its key k2 is not in AUDIT_KEYS");
});

it("goes on under a new key, as long as the old one is known", () => {
	const [first] = chain(1);
	if (!first) throw new Error("a chain of one");
	const next = linkEntry(first, anInput(), NOW, hashesOf("k2", "k1"));

	expect(findFault(CHAIN_START, first, hashesOf("k2", "k1"))).toBeNull();
	expect(findFault(first, next, hashesOf("k2", "k1"))).toBeNull();
	expect(findFault(CHAIN_START, first, hashesOf("k2"))).toMatch(/AUDIT_KEYS/);
});

it("begins behind entries that were removed, where only the key can put the beginning", () => {
	const [first, second, third] = chain(3);
	if (!first || !second || !third) throw new Error("a chain of three");
	const start = makeChainStart(first, HASHES);
	const link = readChainStart(start, HASHES);

	expect(link && findFault(link, second, HASHES)).toBeNull();
	expect(link && findFault(link, third, HASHES)).toMatch(/missing/);
	expect(readChainStart({ ...start, lastId: second._id, hash: second.hash }, HASHES)).toBeNull();
	expect(readChainStart(start, hashesOf("k2"))).toBeNull();
	expect(readChainStart(null, HASHES)).toBe(CHAIN_START);
});

it("keeps ids in the order of the chain", () => {
	expect(chain(3).map(({ _id }) => _id)).toEqual(["000000000001", "000000000002", "000000000003"]);
});

it("keeps no secret, at whatever depth, no whole phone and nothing long", () => {
	const params = {
		password: "p",
		a: [{ smsCode: "1", phone: "138 1234 5678" }],
		partner: { apiSecret: "of no contract" },
		phone: "my password",
		text: "x".repeat(600),
		n: 7,
		z: null
	};

	const kept = linkEntry(CHAIN_START, anInput({ params }), NOW, HASHES).params;

	expect(kept).toEqual({
		password: "[hidden]",
		a: [{ smsCode: "[hidden]", phone: "138****5678" }],
		partner: { apiSecret: "[hidden]" },
		phone: "[hidden]",
		text: `${"x".repeat(500)}…`,
		n: 7,
		z: null
	});
});

it("cuts long texts between two characters", () => {
	const params = { text: "😀".repeat(501), whole: "😀".repeat(500) };

	const kept = linkEntry(CHAIN_START, anInput({ params }), NOW, HASHES).params;

	expect(kept).toEqual({ text: `${"😀".repeat(500)}…`, whole: params.whole });
});

it("keeps values under names that no document can have", () => {
	const value = JSON.parse('{"$where": 1, "__proto__": 2, "a\\u0000b": 3}') as object;

	const kept = linkEntry(CHAIN_START, anInput({ params: { value } }), NOW, HASHES).params;

	expect(kept).toEqual({ value: { _$where: 1, ___proto__: 2, ab: 3 } });
});

it("is shown without its links", () => {
	const [entry] = chain(1);

	expect(entry && toView(entry)).toEqual({
		...anInput({ requestId: "r0" }),
		changes: null,
		id: "000000000001",
		at: NOW.toISOString()
	});
});
