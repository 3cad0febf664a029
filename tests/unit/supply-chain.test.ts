import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isPublicSecret } from "../../infrastructure/production-guard";
import { ROOT } from "../support/root";

type Package = {
	readonly version?: string;
	readonly license?: unknown;
	readonly resolved?: string;
	readonly integrity?: string;
	readonly hasInstallScript?: boolean;
	readonly link?: boolean;
	readonly inBundle?: boolean;
};
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Package> };
const { allowScripts } = JSON.parse(read("package.json")) as { allowScripts: Record<string, boolean> };
/** Every package of the lock file, without the shop itself and its own folders. */
const installed = Object.entries(packages).filter(
	([path, { link }]) => path.startsWith("node_modules/") && !link
);
const toName = (path: string) => path.replace(/^.*node_modules\//, "");

/** The lock file leaves it out, so that a mirror may take its place. */
const REGISTRY = "https://registry.npmjs.org/";

/** Licences under which the shop may be given on without conditions beyond a notice. */
const ALLOWED = new Set([
	"MIT",
	"ISC",
	"0BSD",
	"BSD-2-Clause",
	"BSD-3-Clause",
	"Apache-2.0",
	"BlueOak-1.0.0",
	"Unlicense",
	"Python-2.0",
	"PSF-2.0",
	"CC0-1.0",
	"(MIT OR CC0-1.0)",
	"MIT AND Apache-2.0",
	"Apache-2.0 AND MIT"
]);
/** Others, each with its reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
	"@img/sharp-libvips": "LGPL-3.0-or-later: a library that sharp loads at run time, unchanged",
	"@img/sharp": "LGPL-3.0-or-later in part, for the same reason",
	"caniuse-lite": "CC-BY-4.0: data of a tool for development"
};
/** Packages that don't say their licence where npm looks for it; it was read in the package. */
const READ_BY_HAND: Readonly<Record<string, string>> = {
	"@seald-io/binary-search-tree": "MIT",
	"cli-color": "MIT",
	clui: "MIT",
	"pause-stream": "MIT"
};

it("uses packages under allowed licences only", () => {
	const wrong = installed.filter(([path, { license }]) => {
		const name = toName(path);
		if (ALLOWED.has(READ_BY_HAND[name] ?? String(license))) return false;
		return !Object.keys(EXCEPTIONS).some(prefix => name.startsWith(prefix));
	});

	expect(wrong.map(([path, { license }]) => [path, license])).toEqual([]);
	expect(installed.length).toBeGreaterThan(400);
});

it("pins every package by its hash, and takes none from elsewhere than the registry", () => {
	const loose = installed.filter(
		([, { inBundle, integrity, resolved }]) =>
			!inBundle && !(integrity?.startsWith("sha512-") && (resolved ?? REGISTRY).startsWith(REGISTRY))
	);

	expect(loose.map(([path]) => path)).toEqual([]);
});

it("names every package with an install script, and lets none run", () => {
	const withScript = new Set(
		installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => toName(path))
	);

	expect([...withScript].filter(name => allowScripts[name] !== false)).toEqual([]);
});

/** Shapes of secrets of services that the shop, its tools or its developers use. */
const SECRETS: readonly RegExp[] = [
	/-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s\\n]{100,}-----END [A-Z ]*PRIVATE KEY-----/g,
	/\bAKIA[0-9A-Z]{16}\b/g,
	/\bLTAI[0-9A-Za-z]{16,24}\b/g,
	/\bAKID[0-9A-Za-z]{32}\b/g,
	/\bgh[pousr]_[0-9A-Za-z]{36}\b/g,
	/\bgithub_pat_\w{60,}\b/g,
	/\bnpm_[0-9A-Za-z]{36}\b/g,
	/\bxox[baprs]-[0-9A-Za-z-]{20,}\b/g,
	/\bsk_live_[0-9A-Za-z]{20,}\b/g,
	/\bAIza[0-9A-Za-z_-]{35}\b/g,
	/\bMC4CAQAwBQYDK2VwBCIEI[0-9A-Za-z+/=]{43,}/g
];

/** What .gitignore names, besides git's own folder. */
const NOT_IN_REPOSITORY = /^(\.git|node_modules|dist|data|coverage|\.env|\.stryker-tmp|.*\.log)$/;

/** The repository's files, also where it was copied without git. */
const listFiles = (folder = ""): string[] =>
	readdirSync(join(ROOT, folder), { withFileTypes: true })
		.filter(({ name }) => !NOT_IN_REPOSITORY.test(name))
		.flatMap(entry => {
			const path = join(folder, entry.name);
			return entry.isDirectory() ? listFiles(path) : entry.isFile() ? [path] : [];
		});

it("holds no secret but those that production refuses", () => {
	const texts = listFiles().filter(file => !/\.(png|ico|woff2|jpg|webp|gz)$/.test(file));
	const found = texts.flatMap(file => {
		const text = read(file);
		return SECRETS.flatMap(shape => text.match(shape) ?? [])
			.map(secret => secret.replaceAll("\\n", "\n"))
			.filter(secret => !isPublicSecret(secret))
			.map(secret => `${file}: ${secret.slice(0, 40)}…`);
	});

	expect(texts.length).toBeGreaterThan(500);
	expect(found).toEqual([]);
});
