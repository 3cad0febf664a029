import { VARIABLES } from "../settings";
import { refuseMisspelled } from "./misspelled-settings";

const check = (env: Record<string, string>) => () => refuseMisspelled(env, VARIABLES);

it.each([
	["MONGO_URI", "MONGO_URL"],
	["MONGODB_URI", "MONGO_URL"],
	["JWT_SECERT", "JWT_SECRET"],
	["DATADIR", "DATA_DIR"],
	["jwt_secret", "JWT_SECRET"],
	["WECHAT_MCHID", "WECHAT_MCH_ID"],
	["ALIPAY_PUBLICKEY", "ALIPAY_PUBLIC_KEY"],
	["CORS_ORIGIN", "CORS_ORIGINS"],
	["PUBLIC_URI", "PUBLIC_URL"]
])("takes %s for a misspelled %s", (written, meant) => {
	expect(check({ [written]: "x" })).toThrow(`did you mean ${meant}?`);
});

it("refuses no known name, and no misspelled one that is empty", () => {
	expect(check({ ...Object.fromEntries(VARIABLES.map(name => [name, "x"])), MONGO_URI: "" })).not.toThrow();
});

it("takes a name for another program's where the right one is set too", () => {
	expect(check({ MONGO_URI: "mongodb://other", MONGO_URL: "mongodb://ours" })).not.toThrow();
});

it.each([
	"HOME",
	"HOSTNAME",
	"PATH",
	"PORTS",
	"NODE_PATH",
	"REDIS_HOST",
	"MONGO_PORT",
	"NATS_SERVICE_HOST",
	"TRACE"
])("leaves %s alone", name => {
	expect(check({ [name]: "x" })).not.toThrow();
});

it("leaves alone what a container platform writes for a service called metrics-ports", () => {
	expect(check({ METRICS_PORTS: "tcp://10.0.0.1:80" })).not.toThrow();
});
