import { readFileSync } from "node:fs";
import { SettingError } from "./environment";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment with the contents of files in place of `<NAME>_FILE` variables, as container platforms hand over secrets:
 * `JWT_SECRET_FILE=/run/secrets/jwt` is `JWT_SECRET` with what that file holds. Throws a SettingError for a file that can't be
 * read or is empty, and where both forms are set.
 */
export function readVariableFiles(env: Environment, known: readonly string[]): Environment {
	const read: Record<string, string> = {};
	for (const name of known) {
		const variable = `${name}_FILE`;
		const path = env[variable]?.trim();
		if (!path) continue;
		if (env[name]?.trim())
			throw new SettingError(
				variable,
				`与 ${name} 只能设置其一`,
				`must not be set together with ${name}`
			);
		read[name] = readContent(variable, path);
	}
	return { ...env, ...read };
}

function readContent(variable: string, path: string): string {
	let content: string;
	try {
		content = readFileSync(path, "utf8").trim();
	} catch (err) {
		const { code } = err as NodeJS.ErrnoException;
		throw new SettingError(
			variable,
			`所指的文件无法读取："${path}"（${code}）`,
			`names a file that can't be read: "${path}" (${code})`
		);
	}
	if (!content)
		throw new SettingError(variable, `所指的文件是空的："${path}"`, `names an empty file: "${path}"`);
	return content;
}
