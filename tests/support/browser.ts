import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";

/** Debian's Chromium (scripts/servers/install.sh). */
const CHROMIUM = "/usr/bin/chromium";
const there = existsSync(CHROMIUM);
if (!there)
	process.stderr.write(
		"Tests in a real browser are skipped: Chromium is not there. npm run servers:install\n"
	);

/** `describe`, skipped where there is no browser. */
export const describeWithBrowser = there ? describe : describe.skip;

const FLAGS = [
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync"
];

/** Serves `storefront.html`, and nothing else, from an origin of its own. */
export type Storefront = { readonly origin: string; close(): void };

export async function startStorefront(): Promise<Storefront> {
	const html = readFileSync(join(__dirname, "storefront.html"));
	const server = createServer((_req, res) =>
		res.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(html)
	);
	await once(server.listen(0, "127.0.0.1"), "listening");
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://localhost:${port}`,
		close() {
			server.close();
			server.closeAllConnections();
		}
	};
}

/** The functions of `storefront.html`, called in the page. */
export type StorefrontPage = {
	ask(
		url: string,
		options?: { method?: string; headers?: Readonly<Record<string, string>>; body?: object }
	): Promise<{ status: number; headers: Record<string, string>; body: any }>;
	sendPicture(
		url: string,
		headers: Readonly<Record<string, string>>
	): Promise<{ status: number; body: any }>;
	show(url: string, crossOrigin?: "crossOrigin"): Promise<number>;
};

/** A headless browser with a fresh profile: all its pages share one cache. */
export class Browser {
	private constructor(
		private readonly profile: string,
		private readonly context: Awaited<ReturnType<typeof chromium.launchPersistentContext>>
	) {}

	static async launch(): Promise<Browser> {
		const profile = mkdtempSync(join(tmpdir(), "zjmall-browser-"));
		const context = await chromium.launchPersistentContext(profile, {
			executablePath: CHROMIUM,
			args: FLAGS
		});
		return new Browser(profile, context);
	}

	/** The storefront's page in a tab of its own. */
	async open({ origin }: Storefront): Promise<StorefrontPage> {
		const page = await this.context.newPage();
		await page.goto(`${origin}/`);
		return {
			ask: (...args) => run(page, "ask", args),
			sendPicture: (...args) => run(page, "sendPicture", args),
			show: (...args) => run(page, "show", args)
		};
	}

	async close(): Promise<void> {
		await this.context.close();
		rmSync(this.profile, { recursive: true, force: true });
	}
}

const run = <R>(page: Page, name: string, args: readonly unknown[]): Promise<R> =>
	page.evaluate(
		([called, given]) =>
			(globalThis as unknown as Record<string, (...given: readonly unknown[]) => Promise<R>>)[called]!(
				...given
			),
		[name, args] as const
	);
