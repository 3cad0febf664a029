import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import type { Text } from "./send-text";

const PUBLIC = join(__dirname, "../../public");
/** `npm run build` copies the files of Swagger UI to the others. */
const SWAGGER = existsSync(join(PUBLIC, "swagger-ui.css"))
	? PUBLIC
	: dirname(require.resolve("swagger-ui-dist/package.json"));
const CONTENT_TYPES: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml"
};

/** Every static file of the gateway by its path. No other file of the disk can be requested. */
const FILES: Readonly<Record<string, string>> = {
	"/": join(PUBLIC, "index.html"),
	"/site.css": join(PUBLIC, "site.css"),
	"/docs": join(PUBLIC, "docs.html"),
	"/docs/docs.js": join(PUBLIC, "docs.js"),
	"/docs/swagger-ui.css": join(SWAGGER, "swagger-ui.css"),
	"/docs/swagger-ui-bundle.js": join(SWAGGER, "swagger-ui-bundle.js")
};
const loaded = new Map<string, Promise<Text>>();

/** The static page at a URL, or null. */
export async function findPage(url: string): Promise<Text | null> {
	const path = url.split("?")[0] ?? "/";
	const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
	if (!file) return null;
	let page = loaded.get(file);
	if (!page) {
		const headers = {
			"Content-Type": CONTENT_TYPES[extname(file)] ?? "application/octet-stream",
			"Cache-Control": "no-cache"
		};
		loaded.set(
			file,
			(page = readFile(file).then(body => ({ status: 200, headers, body, encoded: new Map() })))
		);
	}
	return page;
}
