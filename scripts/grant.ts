import { join } from "node:path";
import { existsSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { ServiceBroker } from "moleculer";
import type * as ConfigModule from "../moleculer.config";
import type * as BackendsModule from "../infrastructure/backends";
import { ROLES } from "../schemas/kit/contract";
import { maskPhone, parseMobile } from "../schemas/values/phone";
import { call } from "../schemas/registry";
import type * as SettingsModule from "../settings";
import type * as ServiceFilesModule from "../infrastructure/service-files";

const SERVICES = ["users", "audit"] as const;

/** Adds the role to those of the phone's account. Resolves to the line to print. */
async function grant(broker: ServiceBroker, phone: string, role: (typeof ROLES)[number]): Promise<string> {
	const account = await call(broker, "users.credentials", { phone });
	if (!account) throw new Error(`${maskPhone(phone)} has no account. Register it first`);
	if (account.status !== "active")
		throw new Error(`The account of ${maskPhone(phone)} is ${account.status}`);
	if (account.roles.includes(role)) return `${maskPhone(phone)} already has the role ${role}`;
	const { id } = account;
	const { roles } = await call(broker, "users.setRoles", { id, roles: [...account.roles, role] });
	const operator = `${userInfo().username}@${hostname()}`;
	await call(broker, "audit.record", {
		by: null,
		roles: null,
		what: "users.setRoles",
		params: { id, roles, operator },
		outcome: "OK",
		ip: null,
		requestId: null
	});
	return `${maskPhone(phone)}: ${roles.join(", ")}`;
}

/**
 * `npm run grant -- 13800138000 admin`: gives a registered user a role, in the store that the settings name, whether or not
 * the shop runs. It makes the first administrator, whom no other administrator can appoint.
 */
async function main(): Promise<string> {
	const [phoneArgument = "", roleArgument] = process.argv.slice(2);
	const role = ROLES.find(known => known === roleArgument);
	const phone = parseMobile(phoneArgument);
	if (!phone || !role) throw new Error(`Usage: npm run grant -- <mobile number> <${ROLES.join("|")}>`);
	process.env["LOG_LEVEL"] ??= "error";
	process.env["DEMO"] = "off"; // without NODE_ENV=production, a live shop would get the demo accounts
	// Required only now: the modules read the environment when they are loaded.
	const load = <M>(path: string): M => require(path) as M;
	const { settings } = load<typeof SettingsModule>("../settings");
	const { backends } = load<typeof BackendsModule>("../infrastructure/backends");
	const { findServiceFiles } = load<typeof ServiceFilesModule>("../infrastructure/service-files");
	if (!settings.mongo && !existsSync(join(settings.dataDir, "zjmall.db")))
		throw new Error(`There is no shop in ${settings.dataDir}`);
	await backends.open();
	const broker = new ServiceBroker(load<typeof ConfigModule>("../moleculer.config").default);
	const files = findServiceFiles(settings);
	for (const name of SERVICES) broker.loadService(files.get(name) ?? "");
	await broker.start();
	try {
		return await grant(broker, phone, role);
	} finally {
		await broker.stop();
	}
}

main().then(
	line => {
		process.stdout.write(`${line}\n`);
		process.exit(0);
	},
	(err: unknown) => {
		process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
		process.exit(1);
	}
);
