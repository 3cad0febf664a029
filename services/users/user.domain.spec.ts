import { newUser, profileChanges, searchFilter, sortRoles, toProfile, withNicknameKey } from "./user.domain";

const NOW = new Date("2026-05-01T17:00:00Z"); // the second of May in China
const aUser = () =>
	newUser(
		"01M85D2K4353B8WADXQQAY3G24",
		{ phone: "13812345678", passwordHash: "h", nickname: undefined },
		NOW
	);

it("shows the owner everything but what is secret", () => {
	const seen = toProfile({ ...aUser(), avatarId: "a1" });

	expect(seen).toEqual({
		id: "01M85D2K4353B8WADXQQAY3G24",
		phone: "138****5678",
		nickname: "用户AY3G24",
		email: null,
		gender: "unknown",
		birthday: null,
		avatarUrl: "/avatars/a1",
		status: "active",
		roles: ["customer"],
		createdAt: NOW.toISOString()
	});
});

it.each(["2024-02-29", "1900-01-01", "2026-05-02"])(
	"takes a day of the past, by China's calendar: %s",
	birthday => {
		expect(profileChanges({ birthday }, NOW)).toEqual({ birthday });
	}
);

it.each(["2023-02-29", "2026-05-03", "1899-12-31", "2020-13-01", "2020-00-10"])(
	"takes no other day: %s",
	birthday => {
		expect(() => profileChanges({ birthday }, NOW)).toThrow(
			expect.objectContaining({ type: "VALIDATION_ERROR" })
		);
	}
);

it("changes only what is given, and null is given", () => {
	expect(profileChanges({ email: null, birthday: null, nickname: " 阿明 " }, NOW)).toEqual({
		email: null,
		birthday: null,
		nickname: "阿明"
	});
	expect(profileChanges({}, NOW)).toEqual({});
});

it("is found by the key of its nickname, which changes with it", () => {
	expect(newUser("1", { phone: "1", passwordHash: "h", nickname: " Ａ b " }, NOW)).toMatchObject({
		nickname: "Ａ b",
		nicknameKey: "ab"
	});
	expect(withNicknameKey({ nickname: "ＡＢ" })).toEqual({ nickname: "ＡＢ", nicknameKey: "ab" });
	expect(withNicknameKey({ email: null })).toEqual({ email: null });
});

it("keeps roles in one order", () => {
	expect(sortRoles(["admin", "customer", "warehouse"])).toEqual(["customer", "warehouse", "admin"]);
});

it("looks for a beginning, never for a pattern", () => {
	const beginsWith = (text: string) => ({ $gte: text, $lt: `${text}\u{10ffff}` });

	expect(searchFilter("138")).toEqual({
		$or: [{ phone: beginsWith("138") }, { nicknameKey: beginsWith("138") }]
	});
	expect(searchFilter("007")).toEqual({ nicknameKey: beginsWith("007") });
	expect(searchFilter(".*")).toEqual({ nicknameKey: beginsWith(".*") });
	expect([searchFilter(" "), searchFilter("\u200b"), searchFilter(undefined)]).toEqual([{}, {}, {}]);
});

it.each(["138 0013", "+86 138-0013", "0086\u00a01380013", "１３８００１３", "86 1380013"])(
	"finds a phone by its beginning however it is written: %s",
	q => {
		expect(searchFilter(q)["$or"]).toContainEqual({
			phone: { $gte: "1380013", $lt: "1380013\u{10ffff}" }
		});
	}
);
