import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { text as readText } from "node:stream/consumers";
import { parseArgs } from "node:util";
import type { ServiceBroker } from "moleculer";
import { ROLES, type Role } from "../schemas/kit/contract";
import { maskPhone, parseMobile } from "../schemas/values/phone";
import { call } from "../schemas/registry";
import type { Account } from "../schemas/users.contract";
import { runCommand } from "./run-command";
import { withServices } from "./with-services";

const SERVICES = ["config", "users", "auth", "audit"] as const;
const USAGE = `Usage: npm run grant -- [--create] <mobile number> <${ROLES.join("|")}>`;

type Request = { readonly phone: string; readonly role: Role; readonly create: boolean };

function parseRequest(args: readonly string[]): Request {
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			options: { create: { type: "boolean", default: false } },
			allowPositionals: true
		});
		const [phoneArgument = "", roleArgument] = positionals;
		const phone = parseMobile(phoneArgument);
		const role = ROLES.find(known => known === roleArgument);
		if (phone && role && positionals.length === 2) return { phone, role, create: values.create };
	} catch {
		// An unknown option: the usage says which there are.
	}
	throw new Error(USAGE);
}

/** The first line of standard input if it is piped and not empty, else a random password. */
async function choosePassword(): Promise<{ password: string; isGenerated: boolean }> {
	if (!process.stdin.isTTY) {
		const [typed = ""] = (await readText(process.stdin)).split(/\r?\n/);
		if (typed) return { password: typed, isGenerated: false };
	}
	return { password: randomBytes(15).toString("base64url"), isGenerated: true };
}

/** Opens an account for the phone. The second value is the line that shows a generated password, the only time. */
async function createAccount(broker: ServiceBroker, { phone, role }: Request): Promise<[Account, string]> {
	if (await call(broker, "users.credentials", { phone }))
		throw new Error(`${maskPhone(phone)} has an account already: leave out --create`);
	const { password, isGenerated } = await choosePassword();
	const account = await call(broker, "auth.createAccount", {
		phone,
		password,
		isStaff: role !== "customer"
	});
	return [account, isGenerated ? `密码（仅显示一次） / password (shown once): ${password}\n` : ""];
}

async function findAccount(broker: ServiceBroker, phone: string): Promise<Account> {
	const account = await call(broker, "users.credentials", { phone });
	if (!account) throw new Error(`${maskPhone(phone)} has no account. Register it first, or add --create`);
	if (account.status !== "active")
		throw new Error(`The account of ${maskPhone(phone)} is ${account.status}`);
	return account;
}

/** Adds the role to those of the phone's account, which is opened first with `create`. Resolves to the lines to print. */
async function grant(broker: ServiceBroker, request: Request): Promise<string> {
	const { phone, role, create } = request;
	const [account, shown] = create
		? await createAccount(broker, request)
		: [await findAccount(broker, phone), ""];
	if (account.roles.includes(role)) return `${shown}${maskPhone(phone)} already has the role ${role}`;
	const { id } = account;
	const { roles } = await call(broker, "users.setRoles", { id, roles: [...account.roles, role] });
	const operator = `${userInfo().username}@${hostname()}`;
	await call(broker, "audit.record", {
		by: null,
		roles: null,
		action: "users.setRoles",
		params: { id, roles, operator },
		outcome: "OK",
		ip: null,
		requestId: null
	});
	return `${shown}${maskPhone(phone)}: ${roles.join(", ")}`;
}

/**
 * `npm run grant -- 13800138000 admin`: gives a registered user a role, in the store that the settings name, whether or not
 * the shop runs. `--create` opens the account first. So it makes the first administrator, whom nobody else can appoint.
 */
async function main(): Promise<void> {
	const request = parseRequest(process.argv.slice(2));
	await withServices(SERVICES, async broker => {
		process.stdout.write(`${await grant(broker, request)}\n`);
	});
}

runCommand(main);
