import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";

export type Page = { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer };

const OWN = join(__dirname, "../../public");
const SWAGGER = dirname(require.resolve("swagger-ui-dist/package.json"));
const TYPES: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml"
};

/** Every static file of the gateway; nothing else of the disk can be asked for. All of them come from this host. */
const FILES: Readonly<Record<string, string>> = {
	"/": join(OWN, "index.html"),
	"/site.css": join(OWN, "site.css"),
	"/docs": join(OWN, "docs.html"),
	"/docs/docs.js": join(OWN, "docs.js"),
	"/docs/swagger-ui.css": join(SWAGGER, "swagger-ui.css"),
	"/docs/swagger-ui-bundle.js": join(SWAGGER, "swagger-ui-bundle.js")
};
const loaded = new Map<string, Promise<Page>>();

/** The page at this address, or null where there is none. */
export async function findPage(url: string): Promise<Page | null> {
	const path = url.split("?")[0] ?? "/";
	const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
	if (!file) return null;
	let page = loaded.get(file);
	if (!page) {
		const headers = {
			"Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
			"Cache-Control": "no-cache"
		};
		loaded.set(file, (page = readFile(file).then(body => ({ headers, body }))));
	}
	return page;
}
