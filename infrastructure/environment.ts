import { existsSync } from "node:fs";

/** A setting that is missing or wrong. The message is the one line that the program ends with. */
export class SettingError extends Error {}

const PEM = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g;

export const isWebAddress = (address: string) =>
	URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);

/** Functions that read environment variables by name. They trim values, and throw a SettingError for a wrong one. */
export function environmentReader(env: Readonly<Record<string, string | undefined>>) {
	/** The fallback stands for an empty variable too. */
	const text = (name: string, fallback: string) => env[name]?.trim() || fallback;

	const int = (name: string, fallback: number, min: number, max: number) => {
		const value = Number(text(name, String(fallback)));
		if (!Number.isInteger(value) || value < min || value > max)
			throw new SettingError(
				`${name} must be a whole number from ${min} to ${max}, not "${env[name]}"`
			);
		return value;
	};

	const oneOf = <const V extends string>(name: string, fallback: V, ...others: readonly V[]): V => {
		const value = text(name, fallback);
		const found = [fallback, ...others].find(v => v === value);
		if (found === undefined)
			throw new SettingError(
				`${name} must be one of ${[fallback, ...others].join(", ")}, not "${value}"`
			);
		return found;
	};

	/** A variable that the account at a payment channel can't do without. */
	const required = (name: string) => {
		const value = text(name, "");
		if (!value) throw new SettingError(`${name} must be set for this payment channel`);
		return value;
	};

	/** Keys in PEM, one after another. Their line breaks are real or written as \n. */
	const pem = (name: string) => {
		const value = required(name).replaceAll("\\n", "\n");
		if (value.match(PEM) === null) throw new SettingError(`${name} must be a key in PEM format`);
		return value;
	};

	/** An address with one of the schemes, or empty. It may hold a password, so the error message leaves it out. */
	const url = (name: string, ...schemes: readonly string[]) => {
		const value = text(name, "");
		const fits = value === "" || schemes.some(scheme => value.startsWith(`${scheme}://`));
		if (!fits || /\s/.test(value))
			throw new SettingError(
				`${name} must be an address that begins with ${schemes.map(s => `${s}://`).join(" or ")}`
			);
		return value;
	};

	/** The path of an existing file, or empty. */
	const file = (name: string) => {
		const path = text(name, "");
		if (path && !existsSync(path))
			throw new SettingError(`${name} names a file that is not there: "${path}"`);
		return path;
	};

	return { text, int, oneOf, required, pem, url, file };
}

/** Splits keys in PEM. While a channel changes its key, the old and the new one are both valid. */
export const splitPem = (keys: string): readonly string[] => keys.match(PEM) ?? [];
