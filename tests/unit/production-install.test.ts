import { globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { ROOT } from "../support/root";

type Package = { readonly dev?: boolean; readonly devOptional?: boolean; readonly link?: boolean };
const readJson = (file: string) => JSON.parse(readFileSync(join(ROOT, file), "utf8")) as unknown;
const { packages } = readJson("package-lock.json") as { packages: Record<string, Package> };
const { dependencies } = readJson("package.json") as { dependencies: Record<string, string> };

/** Bytes of a package's files, without those of packages within it, which the lock names by themselves. */
const sizeOf = (folder: string): number =>
	readdirSync(folder, { withFileTypes: true })
		.filter(({ name }) => name !== "node_modules")
		.reduce((sum, entry) => {
			const path = join(folder, entry.name);
			return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size);
		}, 0);

it("installs at most 120 MB for production, without Node", () => {
	const installed = Object.entries(packages)
		.filter(([path, { dev, devOptional, link }]) => path !== "" && !dev && !devOptional && !link)
		.map(([path]) => path)
		.filter(path => !path.startsWith("node_modules/node-linux-"))
		// Packages of other systems are not there.
		.filter(path => statSync(join(ROOT, path), { throwIfNoEntry: false }));

	const bytes = installed.reduce((sum, path) => sum + sizeOf(join(ROOT, path)), 0);

	expect(installed.length).toBeGreaterThan(200);
	expect(Math.round(bytes / 1e6)).toBeLessThanOrEqual(120);
});

/** Scripts of development, which are compiled with the others. */
const OF_DEVELOPMENT = /^scripts\/(build-assets|openapi-types|sdk-modules|new\/.*|security\/.*)\.ts$/;

it("loads no package in production that only development has", () => {
	const { include } = readJson("tsconfig.build.json") as { include: string[] };
	const files = include
		.flatMap(name => (name.endsWith(".ts") ? [name] : globSync(`${name}/**/*.ts`, { cwd: ROOT })))
		.filter(file => !/\.(spec|fixture)\.ts$/.test(file) && !OF_DEVELOPMENT.test(file));
	const loaded = files.flatMap(file =>
		[
			...readFileSync(join(ROOT, file), "utf8").matchAll(
				/^(?:import|export)(?! type\b)[^;"']*? from "([\w@][^"]*)";|\brequire\("([\w@][^"]*)"\)/gm
			)
		].map(([, imported, required]) => {
			const [first = "", second = ""] = (imported ?? required ?? "").split("/");
			return [file, first.startsWith("@") ? `${first}/${second}` : first] as const;
		})
	);
	const others = loaded.filter(
		([, name]) => !name.startsWith("node:") && !builtinModules.includes(name) && !dependencies[name]
	);

	expect(loaded.length).toBeGreaterThan(100);
	expect(others).toEqual([]);
});
