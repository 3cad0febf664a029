import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../settings";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "zjmall-secrets-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const fileWith = (name: string, content: string): string => {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
};

it("takes a setting from the file that <NAME>_FILE names, without the line break at its end", () => {
	const secret = "a-secret-of-thirty-two-characters-and-more";

	const { jwtSecret, port } = readSettings({
		JWT_SECRET_FILE: fileWith("jwt", `${secret}\n`),
		PORT_FILE: fileWith("port", "4711")
	});

	expect([jwtSecret, port]).toEqual([secret, 4711]);
});

it("refuses both forms, a file that is not there and an empty one, and names the variable", () => {
	const path = fileWith("redis", "redis://127.0.0.1:6379");

	expect(() => readSettings({ REDIS_URL: "redis://other", REDIS_URL_FILE: path })).toThrow(
		"REDIS_URL_FILE must not be set together with REDIS_URL"
	);
	expect(() => readSettings({ JWT_SECRET_FILE: join(folder, "none") })).toThrow(
		/^JWT_SECRET_FILE .*can't be read: ".*none" \(ENOENT\)$/
	);
	expect(() => readSettings({ JWT_SECRET_FILE: fileWith("empty", "\n") })).toThrow("names an empty file");
	expect(() => readSettings({ JWT_SECRETS_FILE: path })).toThrow("did you mean JWT_SECRET_FILE?");
});
