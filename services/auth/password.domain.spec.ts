import { assertAcceptablePassword } from "./password.domain";

const judge = (password: string) => () =>
	assertAcceptablePassword(password, { phone: "13812345678", nickname: "小明Ming" }, "password");

it.each([
	"12345678",
	"PASSWORD123",
	"qwertyuiop",
	"aaaaaaaa",
	"长长长长长长长长",
	"pw13812345678",
	"pw１３８１２３４５６７８",
	"ｐａｓｓｗｏｒｄ１２３",
	"1qaz2wsx",
	"a123456789",
	"ＺＪＭＡＬＬ1234",
	"zjmall12345678",
	"小明ming小明ming",
	"e\u0301e\u0301e\u0301e\u0301",
	"short-1"
])("refuses what is guessed first: %s", password => {
	expect(judge(password)).toThrow(expect.objectContaining({ type: "VALIDATION_ERROR" }));
});

it.each([
	"Mall-user-1",
	"correct horse battery staple",
	"密码是一首很长的诗",
	"zq7 w9vk",
	"x1".repeat(64),
	"zjMall 是我的店铺",
	"ﬃﬃﬃ"
])("takes any other, of whatever characters: %s", password => {
	expect(judge(password)).not.toThrow();
});

it("takes a password of staff from 15 characters on", () => {
	const judgeOfStaff = (password: string) => () =>
		assertAcceptablePassword(password, { phone: "13812345678", isStaff: true }, "password");

	expect(judgeOfStaff("Tea-and-rice-9")).toThrow("at least 15 characters");
	expect(judgeOfStaff("Tea-and-rice-99")).not.toThrow();
});
