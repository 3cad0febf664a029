import { assertAcceptablePassword } from "./password.domain";

const judge = (password: string) => () => assertAcceptablePassword(password, "13812345678", "password");

it.each([
	"12345678",
	"PASSWORD123",
	"qwertyuiop",
	"aaaaaaaa",
	"长长长长长长长长",
	"pw13812345678",
	"pw１３８１２３４５６７８",
	"ｐａｓｓｗｏｒｄ１２３",
	"1qaz2wsx"
])("refuses what is guessed first: %s", password => {
	expect(judge(password)).toThrow(expect.objectContaining({ type: "VALIDATION_ERROR" }));
});

it.each(["Mall-user-1", "correct horse battery staple", "密码是一首很长的诗", "zq7 w9vk", "x1".repeat(64)])(
	"takes any other, of whatever characters: %s",
	password => {
		expect(judge(password)).not.toThrow();
	}
);
