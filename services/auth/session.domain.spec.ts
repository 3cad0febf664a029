import type { Account } from "../../schemas/users.contract";
import { lives, newSession, nextExpiry, raced, RACE_MS, type Session } from "./session.domain";

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

		expect(lives(session, anAccount(), later(14 * DAY - 1))).toBe(true);
		expect(lives(session, anAccount(), later(14 * DAY))).toBe(false);
		expect(nextExpiry(session, later(10 * DAY))).toEqual(later(24 * DAY));
		expect(nextExpiry(session, later(85 * DAY))).toEqual(later(90 * DAY));
	});

	it("that was ended does not live again when the clock is set back", () => {
		expect(lives(aSession({ expiresAt: later(1), ended: "logout" }), anAccount(), NOW)).toBe(false);
	});

	it("ends with whatever raises the user's epoch", () => {
		expect(lives(aSession(), anAccount({ epoch: 4 }), NOW)).toBe(false);
	});

	it("is of one user", () => {
		expect(lives(aSession(), anAccount({ id: "u2" }), NOW)).toBe(false);
	});
});

describe("a spent refresh token", () => {
	it("is no theft only before its successor was told, and from the same place", () => {
		const { toldAt: _, ...session } = aSession({ rotatedAt: NOW, rotatedFrom: "10.0.0.1" });

		expect(raced(session, "10.0.0.1", later(10))).toBe(true);
		expect(raced({ ...session, toldAt: later(20) }, "10.0.0.1", later(10))).toBe(true);
		expect(raced({ ...session, toldAt: later(10) }, "10.0.0.1", later(10))).toBe(false);
		expect(raced(session, "10.0.0.2", later(10))).toBe(false);
		expect(raced(session, "10.0.0.1", later(RACE_MS))).toBe(false);
		expect(raced(session, "10.0.0.1", later(-RACE_MS))).toBe(false); // the clock was set back
		expect(raced(aSession(), null, NOW)).toBe(false);
	});
});
