import type { Account } from "../../schemas/users.contract";
import {
	GRACE_MS,
	classifyRefresh,
	isLive,
	newSession,
	nextExpiry,
	RACE_MS,
	type Session
} from "./session.domain";

const NOW = new Date("2026-05-01T08:00:00Z");
const DAY = 86_400_000;
const later = (ms: number) => new Date(NOW.getTime() + ms);
const ID = "01M85D2K4353B8WADXQQAY3G24";
const anAccount = (more: Partial<Account> = {}): Account => ({
	id: "u1",
	phone: "13812345678",
	status: "active",
	roles: ["customer"],
	epoch: 3,
	...more
});
const aSession = (more: Partial<Session> = {}): Session => ({
	...newSession(ID, anAccount(), "hash", NOW),
	...more
});

describe("a session", () => {
	it("lives for two idle weeks, and no longer than ninety days", () => {
		const session = aSession();

		expect(isLive(session, anAccount(), later(14 * DAY - 1))).toBe(true);
		expect(isLive(session, anAccount(), later(14 * DAY))).toBe(false);
		expect(nextExpiry(session, later(10 * DAY))).toEqual(later(24 * DAY));
		expect(nextExpiry(session, later(85 * DAY))).toEqual(later(90 * DAY));
	});

	it("that was ended does not live again when the clock is set back", () => {
		expect(isLive(aSession({ expiresAt: later(1), ended: "logout" }), anAccount(), NOW)).toBe(false);
	});

	it("ends with whatever raises the user's epoch", () => {
		expect(isLive(aSession(), anAccount({ epoch: 4 }), NOW)).toBe(false);
	});

	it("is of one user", () => {
		expect(isLive(aSession(), anAccount({ id: "u2" }), NOW)).toBe(false);
	});
});

describe("a spent refresh token", () => {
	const HERE = "10.0.0.1";
	const { toldAt: _, ...untold } = aSession({
		tokenHash: "new",
		previousHash: "old",
		exchangedAt: NOW,
		rotatedAt: NOW,
		rotatedFrom: HERE
	});
	const told: Session = { ...untold, toldAt: later(200) };

	it("is no theft before its successor was told, and from the same place", () => {
		expect(classifyRefresh(untold, "old", HERE, later(10))).toBe("race");
		expect(classifyRefresh({ ...untold, toldAt: later(20) }, "old", HERE, later(10))).toBe("race");
		expect(classifyRefresh(untold, "old", "10.0.0.2", later(10))).toBe("reuse");
		expect(classifyRefresh({ ...told, usedAt: later(250) }, "old", HERE, later(10))).toBe("race"); // it waited its turn
	});

	it("is good once more for whoever may have lost the answer, from any place", () => {
		expect(classifyRefresh(told, "old", HERE, later(200))).toBe("retry");
		expect(classifyRefresh(told, "old", "10.0.0.2", later(GRACE_MS - 1))).toBe("retry");
		expect(classifyRefresh(untold, "old", HERE, later(RACE_MS))).toBe("retry"); // the process that exchanged it died
	});

	it("is good within the grace of its first exchange only, however often it is tried again", () => {
		const retried = { ...told, tokenHash: "newer", rotatedAt: later(20_000), toldAt: later(20_200) };

		expect(classifyRefresh(retried, "old", HERE, later(GRACE_MS - 1))).toBe("retry");
		expect(classifyRefresh(retried, "old", HERE, later(GRACE_MS))).toBe("reuse");
		expect(classifyRefresh(told, "old", HERE, later(-GRACE_MS))).toBe("reuse"); // the clock was set back
	});

	it("is stolen once its successor was used", () => {
		expect(classifyRefresh({ ...told, usedAt: later(300) }, "old", HERE, later(400))).toBe("reuse");
		expect(
			classifyRefresh({ ...told, previousHash: "new", tokenHash: "newer" }, "old", HERE, later(400))
		).toBe("reuse");
	});

	it("is stolen when a retry has made it void", () => {
		expect(classifyRefresh({ ...told, tokenHash: "newer" }, "new", HERE, later(400))).toBe("reuse");
	});

	it("leaves the newest one good, whenever it comes", () => {
		expect(classifyRefresh(told, "new", "10.0.0.2", later(10 * DAY))).toBe("exchange");
		expect(classifyRefresh(aSession(), "hash", null, NOW)).toBe("exchange");
		expect(classifyRefresh(aSession(), "another", null, NOW)).toBe("reuse");
	});
});
