import { createHash, createPublicKey } from "node:crypto";
import { SettingError } from "./environment";
import { PUBLIC_DIGESTS } from "./public-secrets";

/** A secret of the settings, by the variable that holds it. */
export type NamedSecret = { readonly variable: string; readonly value: string };

/** Words of samples and of passwords that people make up; random characters don't contain them. */
const WORDS =
	/secret|passw|change.?me|example|sample|demo|test|default|canary|sandbox|dummy|insecure|zjmall|admin|qwerty|only-for/i;
const MIN_DISTINCT_CHARACTERS = 8;
const MIN_LENGTH = 12;
const SEQUENCE_LENGTH = 8;

const digest = (content: string | Buffer) => createHash("sha256").update(content).digest("hex").slice(0, 24);

/** The digest under which a public secret is listed. A key in PEM counts by its public half, a text by itself. */
export const digestSecret = (secret: string): string =>
	secret.startsWith("-----BEGIN")
		? digest(createPublicKey(secret).export({ type: "spki", format: "der" }))
		: digest(secret);

/** Whether anybody can know it, since it is in the repository: sandbox keys, examples, test vectors. */
export const isPublicSecret = (secret: string): boolean => PUBLIC_DIGESTS.has(digestSecret(secret));

/** Whether a secret looks made up by a person rather than drawn at random. */
export const isGuessable = (secret: string): boolean =>
	secret.length < MIN_LENGTH ||
	WORDS.test(secret) ||
	new Set(secret).size < MIN_DISTINCT_CHARACTERS ||
	/^(.+?)\1+$/s.test(secret) ||
	hasSequence(secret);

/** Neighbouring characters that count up or down, such as `12345678`. */
function hasSequence(text: string): boolean {
	const steps = Array.from(text, (_, at) => text.charCodeAt(at + 1) - text.charCodeAt(at));
	return steps.some(
		(step, at) =>
			Math.abs(step) === 1 &&
			steps.slice(at, at + SEQUENCE_LENGTH - 1).filter(next => next === step).length ===
				SEQUENCE_LENGTH - 1
	);
}

/**
 * Refuses secrets that are public, and those of `chosen`, which the operator made, that are guessable or used twice.
 * `given` came from a provider, so they are taken for random.
 */
export function refuseKnownSecrets(chosen: readonly NamedSecret[], given: readonly NamedSecret[]): void {
	const variableOf = new Map<string, string>();
	for (const { variable, value } of [...chosen, ...given])
		if (isPublicSecret(value))
			throw new SettingError(
				variable,
				"是公开在代码仓库里的密钥，请换成自己的",
				"is public: it is in the program's repository. Set one of your own"
			);
	for (const { variable, value } of chosen) {
		if (isGuessable(value))
			throw new SettingError(
				variable,
				"太容易猜到，可用 openssl rand -hex 32 生成",
				"is easy to guess: openssl rand -hex 32 makes one"
			);
		const other = variableOf.get(value);
		if (other !== undefined)
			throw new SettingError(
				variable,
				`与 ${other} 使用了同一个密钥，请各用各的`,
				`uses the same secret as ${other}: each needs one of its own`
			);
		variableOf.set(value, variable);
	}
}

/** A server of the shop as its address says. */
type ServerAddress = {
	readonly variable: "NATS_URL" | "MONGO_URL" | "REDIS_URL" | "SEARCH_URL";
	readonly url: string;
	/** Credentials or TLS that other variables give. */
	readonly hasCredentials?: boolean;
	readonly isEncrypted?: boolean;
};

/** Reads user, password and hosts of an address; MongoDB's may have several hosts, which `URL` does not read. */
export function readAuthority(url: string) {
	const [, scheme = "", authority = ""] = /^([a-z+]+):\/\/([^/?#]*)/.exec(url) ?? [];
	const at = authority.lastIndexOf("@");
	const [user = "", password = ""] = at < 0 ? [] : authority.slice(0, at).split(":");
	const hosts = authority.slice(at + 1).split(",");
	return { scheme, user, password, hosts };
}

const isLoopbackHost = (host: string) => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);

/** Refuses servers on other machines that anybody may use, or (unless `allowsPlainText`) that are reached in plain text. */
export function refuseOpenServers(servers: readonly ServerAddress[], allowsPlainText: boolean): void {
	for (const { variable, url, hasCredentials = false, isEncrypted = false } of servers) {
		const { scheme, user, password, hosts } = readAuthority(url);
		if (hosts.every(isLoopbackHost)) continue;
		if (!user && !password && !hasCredentials)
			throw new SettingError(
				variable,
				"没有用户名或密码：生产环境不接受谁都能用的服务器",
				"has no user or password: production takes no server that anybody may use"
			);
		const hasTls =
			isEncrypted ||
			["tls", "rediss", "mongodb+srv", "https"].includes(scheme) ||
			/[?&](tls|ssl)=true\b/i.test(url);
		if (!hasTls && !allowsPlainText)
			throw new SettingError(
				variable,
				"未加密（TLS）；若网络是私有的，请设 SERVERS_PLAIN_TEXT=allow",
				"is plain text: use TLS, or set SERVERS_PLAIN_TEXT=allow if the network is private"
			);
	}
}
