import type { Account } from "../../schemas/users.contract";
import {
	classifyRefresh,
	isLive,
	newSession,
	computeNextExpiry,
	RACE_MS,
	type Session,
	type TokenUse
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
	...newSession(ID, anAccount(), "hash", { device: null, ip: null }, NOW),
	...more
});

describe("a session", () => {
	it("lives for two idle weeks, and no longer than ninety days", () => {
		const session = aSession();

		expect(isLive(session, anAccount(), later(14 * DAY - 1))).toBe(true);
		expect(isLive(session, anAccount(), later(14 * DAY))).toBe(false);
		expect(computeNextExpiry(session, later(10 * DAY))).toEqual(later(24 * DAY));
		expect(computeNextExpiry(session, later(85 * DAY))).toEqual(later(90 * DAY));
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
	const IP = "10.0.0.1";
	const RETRY_MS = 30_000;
	const use = (tokenHash: string, ip: string | null, receivedAt: Date): TokenUse => ({
		tokenHash,
		ip,
		receivedAt
	});
	const { answeredAt: _, ...unanswered } = aSession({
		tokenHash: "new",
		previousHash: "old",
		exchangedAt: NOW,
		rotatedAt: NOW,
		rotatedFrom: IP
	});
	const answered: Session = { ...unanswered, answeredAt: later(200) };

	describe.each([0, RETRY_MS])("with retries for %d ms", retryMs => {
		const classify = (session: Session, tokenHash: string, ip: string | null, receivedAt: Date) =>
			classifyRefresh(session, use(tokenHash, ip, receivedAt), retryMs);

		it("is no theft before its successor was returned, and from the same address", () => {
			expect(classify(unanswered, "old", IP, later(10))).toBe("race");
			expect(classify({ ...unanswered, answeredAt: later(20) }, "old", IP, later(10))).toBe("race");
			expect(classify(unanswered, "old", "10.0.0.2", later(10))).toBe("reuse");
			expect(classify({ ...answered, usedAt: later(250) }, "old", IP, later(10))).toBe("race"); // it waited its turn
		});

		it("is stolen once its successor was used", () => {
			expect(classify({ ...answered, usedAt: later(300) }, "old", IP, later(400))).toBe("reuse");
			expect(
				classify({ ...answered, previousHash: "new", tokenHash: "newer" }, "old", IP, later(400))
			).toBe("reuse");
		});

		it("is stolen when a retry has replaced it", () => {
			expect(classify({ ...answered, tokenHash: "newer" }, "new", IP, later(400))).toBe("reuse");
		});

		it("leaves the newest one valid, whenever it comes", () => {
			expect(classify(answered, "new", "10.0.0.2", later(10 * DAY))).toBe("exchange");
			expect(classify(aSession(), "hash", null, NOW)).toBe("exchange");
			expect(classify(aSession(), "another", null, NOW)).toBe("reuse");
		});
	});

	it("is stolen as soon as its successor was returned, where retries are off", () => {
		const classify = (session: Session, receivedAt: Date) =>
			classifyRefresh(session, use("old", IP, receivedAt), 0);

		expect(classify(answered, later(199))).toBe("race");
		expect(classify(answered, later(200))).toBe("reuse");
		expect(classify(answered, later(201))).toBe("reuse");
		expect(classify({ ...answered, exchangedAt: later(200) }, later(200))).toBe("reuse"); // in the same millisecond
		expect(classify(unanswered, later(RACE_MS))).toBe("reuse");
	});

	describe("where retries are on", () => {
		const classify = (session: Session, tokenHash: string, ip: string | null, receivedAt: Date) =>
			classifyRefresh(session, use(tokenHash, ip, receivedAt), RETRY_MS);

		it("is valid again for a client that may have lost the answer, from any address", () => {
			expect(classify(answered, "old", IP, later(200))).toBe("retry");
			expect(classify(answered, "old", "10.0.0.2", later(RETRY_MS - 1))).toBe("retry");
			expect(classify(unanswered, "old", IP, later(RACE_MS))).toBe("retry"); // the process that exchanged it died
		});

		it("is valid for a while after its first exchange only, however often it is retried", () => {
			const retried = {
				...answered,
				tokenHash: "newer",
				rotatedAt: later(20_000),
				answeredAt: later(20_200)
			};

			expect(classify(retried, "old", IP, later(RETRY_MS - 1))).toBe("retry");
			expect(classify(retried, "old", IP, later(RETRY_MS))).toBe("reuse");
			expect(classify(answered, "old", IP, later(-RETRY_MS))).toBe("reuse"); // the clock was set back
		});
	});
});
