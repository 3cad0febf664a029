import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";

/** A setting that is missing or wrong. The message is the one line that the program ends with, in Chinese and English. */
export class SettingError extends Error {
	constructor(variable: string, zh: string, en: string) {
		super(`${variable} ${zh} / ${variable} ${en}`);
	}
}

const PEM = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g;
const MIN_KEY_BITS = 2048;

export const isWebAddress = (address: string) =>
	URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);

/** Functions that read environment variables by name. They trim values, and throw a SettingError for a wrong one. */
export function environmentReader<Name extends string>(env: Readonly<Record<string, string | undefined>>) {
	/** The fallback stands for an empty variable too. */
	const text = (name: Name, fallback: string) => env[name]?.trim() || fallback;

	const int = (name: Name, fallback: number, min: number, max: number) => {
		const value = Number(text(name, String(fallback)));
		if (!Number.isInteger(value) || value < min || value > max)
			throw new SettingError(
				name,
				`应为 ${min} 到 ${max} 的整数，而不是 "${env[name]}"`,
				`must be a whole number from ${min} to ${max}, not "${env[name]}"`
			);
		return value;
	};

	const oneOf = <const V extends string>(name: Name, fallback: V, ...others: readonly V[]): V => {
		const value = text(name, fallback);
		const found = [fallback, ...others].find(v => v === value);
		if (found !== undefined) return found;
		const choices = [fallback, ...others].join(", ");
		throw new SettingError(
			name,
			`应为其中之一：${choices}，而不是 "${value}"`,
			`must be one of ${choices}, not "${value}"`
		);
	};

	/** A value of a certain shape. `example` shows the shape; the value is not repeated, since it may be a secret. */
	const matching = (name: Name, shape: RegExp, example: string, fallback = "") => {
		const value = text(name, fallback);
		if (value && !shape.test(value))
			throw new SettingError(name, `格式应如 ${example}`, `must look like ${example}`);
		return value;
	};

	/** Requires the variable, which another one that is set (`because`) can't do without. */
	const required = (name: Name, because: Name) => {
		const value = text(name, "");
		if (!value)
			throw new SettingError(
				name,
				`未设置，而 ${because} 需要它；请设置，或清空 ${because}`,
				`must be set because ${because} is: set it, or unset ${because}`
			);
		return value;
	};

	/** Keys in PEM, one after another. Their line breaks are real or written as \n. */
	const keys = (name: Name, side: "private" | "public") => {
		const value = text(name, "").replaceAll("\\n", "\n");
		const found = value.match(PEM);
		const begin = `-----BEGIN ${side.toUpperCase()} KEY-----`;
		if (!found)
			throw new SettingError(
				name,
				`应为 PEM 格式的密钥，以 ${begin} 开头，换行可写作 \\n`,
				`must be a key in PEM format, which begins with ${begin}; line breaks may be written as \\n`
			);
		for (const pem of found) checkKey(name, pem, side);
		return found;
	};

	/** An address with one of the schemes, or empty. It may hold a password, so the error message leaves it out. */
	const url = (name: Name, ...schemes: readonly string[]) => {
		const value = text(name, "");
		if (value) checkServerAddress(name, value, schemes);
		return value;
	};

	/** Addresses separated by commas, each with one of the schemes. */
	const urls = (name: Name, ...schemes: readonly string[]) => {
		const values = text(name, "")
			.split(",")
			.map(value => value.trim())
			.filter(Boolean);
		for (const value of values) {
			checkServerAddress(name, value, schemes);
			if (!URL.canParse(value)) throw notAnAddress(name, schemes);
		}
		return values;
	};

	/** An http(s) address without a slash at its end; the fallback for an empty variable. */
	const webUrl = (name: Name, fallback: string) => {
		const value = text(name, fallback);
		const wrong = value && (!isWebAddress(value) || new URL(value).search || new URL(value).hash);
		if (wrong)
			throw new SettingError(
				name,
				`应为以 https:// 或 http:// 开头、不带 ? 与 # 的地址，如 https://shop.example.com，而不是 "${value}"`,
				`must be an address that begins with https:// or http:// and has no ? or #, such as https://shop.example.com, not "${value}"`
			);
		return value.replace(/(?<!\/)\/+$/, "");
	};

	/** The path of an existing file, or empty. */
	const file = (name: Name) => {
		const path = text(name, "");
		if (path && !existsSync(path))
			throw new SettingError(
				name,
				`所指的文件不存在："${path}"`,
				`names a file that is not there: "${path}"`
			);
		return path;
	};

	return { text, int, oneOf, matching, required, keys, url, urls, webUrl, file };
}

const notAnAddress = (name: string, schemes: readonly string[]) => {
	const [begin = ""] = schemes;
	return new SettingError(
		name,
		`应为以 ${schemes.map(s => `${s}://`).join(" 或 ")} 开头的地址，如 ${begin}://127.0.0.1:${DEFAULT_PORTS[begin] ?? ""}`,
		`must be an address that begins with ${schemes.map(s => `${s}://`).join(" or ")}, such as ${begin}://127.0.0.1:${DEFAULT_PORTS[begin] ?? ""}`
	);
};
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
	nats: 4222,
	mongodb: 27017,
	redis: 6379,
	https: 9200
};

/** Checks the scheme, that a host follows, and that a password has no character that ends it too early. */
function checkServerAddress(name: string, value: string, schemes: readonly string[]): void {
	const [, scheme = "", rest = ""] = /^([a-z+]+):\/\/(\S+)$/.exec(value) ?? [];
	if (!schemes.includes(scheme) || /^[/?#]/.test(rest)) throw notAnAddress(name, schemes);
	const authority = rest.split(/[/?#]/)[0] ?? "";
	if (authority.split("@").length > 2 || (rest.includes("@") && !authority.includes("@")))
		throw new SettingError(
			name,
			"的用户名或密码含有特殊字符，须按百分号编码书写（@ 写作 %40，/ 写作 %2F）",
			"has special characters in its user or password: percent-encode them (@ as %40, / as %2F)"
		);
}

const parseKey = (pem: string, side: "private" | "public"): KeyObject | null => {
	try {
		return side === "private" ? createPrivateKey(pem) : createPublicKey(pem);
	} catch {
		return null;
	}
};

/** Refuses a key that is no RSA key, too short, or of the other side of its pair. */
function checkKey(name: string, pem: string, side: "private" | "public"): void {
	const isPrivate = pem.includes("PRIVATE KEY-----");
	if (isPrivate !== (side === "private"))
		throw new SettingError(
			name,
			side === "private" ? "是公钥，这里应为商户私钥" : "是私钥，这里应为支付渠道的公钥",
			side === "private"
				? "is a public key; it must be the shop's private key"
				: "is a private key; it must be the channel's public key"
		);
	const key = parseKey(pem, side);
	const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
	if (key?.asymmetricKeyType !== "rsa" || bits < MIN_KEY_BITS)
		throw new SettingError(
			name,
			`应为完整的 RSA 密钥，至少 ${MIN_KEY_BITS} 位`,
			`must be a whole RSA key of at least ${MIN_KEY_BITS} bits`
		);
}

/** Refuses the shop's own public key in place of the channel's: an easy mistake, after which no notification is believed. */
export function refuseOwnPublicKey(
	variable: string,
	publicKeys: readonly string[],
	privateKeys: readonly string[]
): void {
	const own = privateKeys.map(pem => createPublicKey(pem));
	if (publicKeys.some(pem => own.some(key => createPublicKey(pem).equals(key))))
		throw new SettingError(
			variable,
			"是商户自己的公钥，这里应为支付渠道的公钥",
			"is the shop's own public key; it must be the channel's"
		);
}
