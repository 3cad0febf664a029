import { newClaimFields, judgeClaim, RETENTION_MS, type Claim, type KeyRequest } from "./claim.domain";

const NOW = new Date("2026-01-31T08:00:00.000Z");
const later = (ms: number) => new Date(NOW.getTime() + ms);
const TIMEOUT_MS = 8000;
const judge = (claim: Claim, request: KeyRequest, now: Date) => judgeClaim(claim, request, now, TIMEOUT_MS);

const aClaim = (more: Partial<Claim> = {}): Claim => ({
	_id: "k",
	...newClaimFields({ claimId: "c1", fingerprint: "f1" }, NOW, TIMEOUT_MS),
	...more
});
const aRequest = (fingerprint: string) => ({ claimId: "c2", fingerprint });
const done = { state: "done" as const, answer: { status: 201, body: "{}" } };

describe("judgeClaim", () => {
	it("lets a second request wait while the first runs", () => {
		expect(judge(aClaim(), aRequest("f1"), later(TIMEOUT_MS))).toBe("running");
	});

	it("gives the key to another when the holder is 15 seconds past the longest request", () => {
		expect(judge(aClaim(), aRequest("f1"), later(TIMEOUT_MS + 14_999))).toBe("running");
		expect(judge(aClaim(), aRequest("f1"), later(TIMEOUT_MS + 15_000))).toBe("takeOver");
	});

	it("gives the key to another when the holder took it by a clock that was an hour ahead", () => {
		expect(judge(aClaim(), aRequest("f1"), later(-60_000))).toBe("running");
		expect(judge(aClaim(), aRequest("f1"), later(-3_600_000))).toBe("takeOver");
	});

	it("lets the holder run that asks again because it got no answer", () => {
		expect(judge(aClaim(), { claimId: "c1", fingerprint: "f1" }, later(1))).toBe("run");
	});

	it("replays the answer until the claim expires", () => {
		expect(judge(aClaim(done), aRequest("f1"), later(RETENTION_MS - 1))).toBe("replay");
		expect(judge(aClaim(done), aRequest("f1"), later(RETENTION_MS))).toBe("takeOver");
	});

	it.each([
		["running", {}],
		["crashed", { leaseUntil: NOW }],
		["done", done]
	])("refuses another content under a key that is %s", (_, more) => {
		expect(judge(aClaim(more), aRequest("f2"), later(1))).toBe("reused");
	});

	it("frees the key for any content once it has expired", () => {
		expect(judge(aClaim(done), aRequest("f2"), later(RETENTION_MS))).toBe("takeOver");
	});
});
