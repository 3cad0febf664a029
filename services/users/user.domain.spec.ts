import { profileChanges, sortRoles, newUser, searchFilter, toProfile } from "./user.domain";

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

it("keeps roles in one order", () => {
	expect(sortRoles(["admin", "customer", "warehouse"])).toEqual(["customer", "warehouse", "admin"]);
});

it("looks for a beginning, never for a pattern", () => {
	expect(searchFilter("138")).toEqual({ phone: { $gte: "138", $lt: "138\uffff" } });
	expect(searchFilter(".*")).toEqual({ nickname: { $gte: ".*", $lt: ".*\uffff" } });
	expect([searchFilter(" "), searchFilter(undefined)]).toEqual([{}, {}]);
});
