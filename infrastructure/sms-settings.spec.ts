import { environmentReader } from "./environment";
import { readSmsAccounts } from "./sms-settings";

const ALIYUN = {
	SMS_PROVIDERS: "aliyun",
	SMS_ALIYUN_KEY_ID: "id",
	SMS_ALIYUN_KEY_SECRET: "secret",
	SMS_ALIYUN_SIGN_NAME: "云商城",
	SMS_ALIYUN_TEMPLATES: "login=SMS_2,SMS_1,phone_changed=SMS_9"
};
const WEBHOOK = {
	SMS_WEBHOOK_URL: "https://sms.example/send",
	SMS_WEBHOOK_SECRET: "a-secret-of-24-characters"
};
const read = (env: Readonly<Record<string, string>>, production = true) =>
	readSmsAccounts(environmentReader(env), production);

it("has no account while no provider is named", () => {
	expect(read({ ...ALIYUN, SMS_PROVIDERS: "" })).toEqual([]);
});

it("keeps the providers in the order in which they are named, and a template for each purpose", () => {
	const accounts = read({ ...ALIYUN, ...WEBHOOK, SMS_PROVIDERS: "webhook, aliyun" });

	expect(accounts.map(({ provider }) => provider)).toEqual(["webhook", "aliyun"]);
	expect(accounts[1]).toMatchObject({
		baseUrl: "https://dysmsapi.aliyuncs.com",
		templates: { register: "SMS_1", login: "SMS_2", reset: "SMS_1", phone_changed: "SMS_9" }
	});
});

it.each([
	["SMS_PROVIDERS", { SMS_PROVIDERS: "aliyun,pigeon" }],
	["SMS_PROVIDERS", { SMS_PROVIDERS: "aliyun,aliyun" }],
	["SMS_ALIYUN_KEY_SECRET", { SMS_ALIYUN_KEY_SECRET: "" }],
	["SMS_ALIYUN_TEMPLATES", { SMS_ALIYUN_TEMPLATES: "SMS_1" }],
	["SMS_ALIYUN_TEMPLATES", { SMS_ALIYUN_TEMPLATES: "SMS_1,phone_changed=SMS_9,birthday=SMS_2" }],
	["SMS_ALIYUN_TEMPLATES", { SMS_ALIYUN_TEMPLATES: "SMS_1,SMS_2,phone_changed=SMS_9" }],
	["SMS_ALIYUN_BASE_URL", { SMS_ALIYUN_BASE_URL: "http://sms.example" }],
	["SMS_WEBHOOK_URL", { SMS_PROVIDERS: "webhook" }],
	["SMS_WEBHOOK_URL", { ...WEBHOOK, SMS_PROVIDERS: "webhook", SMS_WEBHOOK_URL: "http://sms.example" }],
	["SMS_WEBHOOK_SECRET", { ...WEBHOOK, SMS_PROVIDERS: "webhook", SMS_WEBHOOK_SECRET: "short" }]
])("refuses in one line that begins with %s when it is %j", (name, env) => {
	expect(() => read({ ...ALIYUN, ...env })).toThrow(new RegExp(`^${name} [^\\n]+$`));
});

it("takes a plain HTTP address outside production", () => {
	const env = { ...ALIYUN, SMS_ALIYUN_BASE_URL: "http://127.0.0.1:9/" };

	expect(read(env, false)).toMatchObject([{ baseUrl: "http://127.0.0.1:9" }]);
});
