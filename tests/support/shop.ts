import { rmSync } from "node:fs";
import { basename } from "node:path";
import { ServiceBroker } from "moleculer";
import { refusedQueries } from "../../infrastructure/documents/index-guard";
import type * as ConfigModule from "../../moleculer.config";
import type * as BackendsModule from "../../infrastructure/backends";
import type * as GatewayUrlModule from "../../infrastructure/gateway-url";
import type * as ServiceFilesModule from "../../infrastructure/service-files";
import type * as SettingsModule from "../../settings";
import { sweepOften } from "./sweeps";

export type Reply = {
	readonly status: number;
	/** The envelope of the answer. */
	readonly body: { code: string; message: string; data: any; requestId: string };
	readonly headers: Headers;
};
export type Options = { body?: unknown; token?: string; headers?: Record<string, string>; key?: string };

/** A client of a running shop; paths are under `/api/v1` unless they begin with `//` (the root). */
export class Client {
	constructor(readonly url: string) {}

	async http(
		method: string,
		path: string,
		{ body, token, headers = {}, key }: Options = {}
	): Promise<Reply> {
		const form = body instanceof FormData || typeof body === "string";
		const response = await fetch(this.url + (path.startsWith("//") ? path.slice(1) : `/api/v1${path}`), {
			method,
			signal: AbortSignal.timeout(60_000),
			headers: {
				...(body !== undefined && !form && { "Content-Type": "application/json" }),
				...(token && { Authorization: `Bearer ${token}` }),
				...(key && { "Idempotency-Key": key }),
				...headers
			},
			...(body !== undefined && { body: form ? body : JSON.stringify(body) })
		});
		const text = await response.text();
		const json = response.headers.get("content-type")?.includes("json");
		return {
			status: response.status,
			body: json ? JSON.parse(text) : { data: text },
			headers: response.headers
		};
	}

	/** Signs in and answers the access token. */
	async signIn(phone: string, password: string): Promise<string> {
		const { status, body } = await this.http("POST", "/auth/login", { body: { phone, password } });
		if (status !== 200) throw new Error(`Login of ${phone}: ${status} ${JSON.stringify(body)}`);
		return body.data.accessToken;
	}
	asAdmin = () => this.signIn("13800000000", "Mall-admin-1");
	asUser = () => this.signIn("13900000000", "Mall-user-1");

	/** A new customer: `token` and `user`. */
	async register(
		phone: string,
		password = "Tea-and-rice-9"
	): Promise<{ token: string; user: { id: string } }> {
		await this.http("POST", "/auth/sms-codes", { body: { phone, purpose: "register" } });
		const sms = await this.http("GET", `/sandbox/sms?phone=${phone}`);
		const smsCode = sms.body.data[0]?.code;
		const { status, body } = await this.http("POST", "/auth/register", {
			body: { phone, smsCode, password }
		});
		if (status !== 201) throw new Error(`Registration of ${phone}: ${status} ${JSON.stringify(body)}`);
		return { token: body.data.accessToken, user: body.data.user };
	}
}

export class Shop extends Client {
	constructor(
		readonly broker: ServiceBroker,
		readonly dataDir: string,
		url: string
	) {
		super(url);
	}

	/** Fails if any query of the services, including background sweeps, used no index. */
	async stop(): Promise<void> {
		await this.broker.stop();
		const { backends } = require("../../infrastructure/backends") as typeof BackendsModule;
		if (backends.mode === "distributed") await backends.reset();
		rmSync(this.dataDir, { recursive: true, force: true });
		if (refusedQueries.size > 0) throw new Error([...refusedQueries].join("\n"));
	}
}

/** Removes the broker that Moleculer attaches to its errors: Jest copies the error of a failed test and would overflow its stack. */
function withoutContext(err: Error & { ctx?: unknown }): never {
	if (err.ctx) err.ctx = undefined;
	throw err;
}

/**
 * Starts the whole shop in this process, with the settings of the test file (`own-settings.ts`) and of `env`. Call it once per file:
 * the settings are read when the modules are first loaded. `only` names the services to start, for tests that need no more.
 */
export async function startShop(
	env: Readonly<Record<string, string>> = {},
	only?: readonly string[]
): Promise<Shop> {
	Object.assign(process.env, env["DATA_DIR"] && { MALL_NAMESPACE: basename(env["DATA_DIR"]) }, env);
	// Required here and not imported above: the settings are read with the modules.
	sweepOften();
	const { settings } = require("../../settings") as typeof SettingsModule;
	const { getGatewayPort: portOf } = require("../../infrastructure/gateway-url") as typeof GatewayUrlModule;
	const { findServiceFiles } = require("../../infrastructure/service-files") as typeof ServiceFilesModule;
	const { default: config } = require("../../moleculer.config") as typeof ConfigModule;
	const { dataDir } = settings;
	if (dataDir !== process.env["DATA_DIR"]) throw new Error("The settings were read before these were set");
	const broker = new ServiceBroker({
		...config,
		errorHandler: withoutContext,
		skipProcessEventRegistration: true // the test process handles its signals itself
	});
	for (const [name, file] of findServiceFiles(settings))
		if (!only || only.includes(name)) broker.loadService(file);
	await broker.start().catch(async (err: unknown) => {
		const { backends } = require("../../infrastructure/backends") as typeof BackendsModule;
		await backends.close(); // the lock on the data folder too
		throw err;
	});
	return new Shop(broker, dataDir, `http://127.0.0.1:${portOf(broker)}`);
}
