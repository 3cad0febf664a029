import { spawnSync } from "node:child_process";
import { ROOT } from "../support/root";

/** The origins that a program with these settings allows, or the error with which it does not start. */
function read(env: Record<string, string>): string {
	const program = `
		try {
			console.log(require("./settings").settings.corsOrigins.join());
		} catch (err) {
			console.log(err.message);
		}`;
	const { stdout } = spawnSync(process.execPath, ["-r", "ts-node/register", "-e", program], {
		cwd: ROOT,
		encoding: "utf8",
		env: { ...process.env, TS_NODE_TRANSPILE_ONLY: "true", ...env }
	});
	return stdout.trim();
}

it("normalizes origins as browsers do", () => {
	const typed =
		"https://Shop.example/, http://localhost:5173 ,https://m.shop.example:443,capacitor://localhost";

	expect(read({ CORS_ORIGINS: typed })).toBe(
		"https://shop.example,http://localhost:5173,https://m.shop.example,capacitor://localhost"
	);
});

it.each([
	["CORS_ORIGINS", "*"],
	["CORS_ORIGINS", "shop.example"],
	["CORS_ORIGINS", "https://shop.example/page"],
	["CORS_ORIGINS", "https://user@shop.example"],
	["CORS_ORIGINS", "https://"],
	["PUBLIC_URL", "shop.example"],
	["PUBLIC_URL", "ftp://shop.example"]
])("refuses to start with %s=%s and says why", (name, value) => {
	const said = read({ [name]: value });

	expect(said).toContain(name);
	expect(said).toContain(`"${value}"`);
});
