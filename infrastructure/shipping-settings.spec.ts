import { environmentReader } from "./environment";
import { readTrackingAccount, type SHIPPING_VARIABLES } from "./shipping-settings";

type Variable = (typeof SHIPPING_VARIABLES)[number];
const read = (env: Partial<Record<Variable, string>>, production = true) =>
	readTrackingAccount(environmentReader<Variable>(env), production);
const account = {
	SHIPPING_TRACKING: "kuaidi100",
	SHIPPING_KUAIDI100_CUSTOMER: "C1",
	SHIPPING_KUAIDI100_KEY: "K1",
	SHIPPING_KUAIDI100_SALT: "abcdefgh12345678"
};

it("reads the account at Kuaidi100; without one nothing is tracked", () => {
	expect(read({})).toBeNull();
	expect(read(account)).toEqual({
		provider: "kuaidi100",
		baseUrl: "https://poll.kuaidi100.com",
		customer: "C1",
		key: "K1",
		salt: "abcdefgh12345678"
	});
});

it.each<Partial<Record<Variable, string>>>([
	{ SHIPPING_TRACKING: "pigeons" },
	{ SHIPPING_KUAIDI100_KEY: "" },
	{ SHIPPING_KUAIDI100_SALT: "" },
	{ SHIPPING_KUAIDI100_SALT: "short" },
	{ SHIPPING_KUAIDI100_BASE_URL: "http://poll.kuaidi100.com" }
])("refuses %j", wrong => {
	expect(() => read({ ...account, ...wrong })).toThrow(Object.keys(wrong)[0]);
});
