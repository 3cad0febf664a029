import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { aSku, StaffClient } from "../support/builders";
import { ROOT } from "../support/root";
import { SharedShop } from "../support/shared-shop/shared-shop";

const run = promisify(execFile);
const project = mkdtempSync(join(tmpdir(), "zjmall-sdk-"));
afterAll(() => rmSync(project, { recursive: true }));

/** Packs the client and unpacks it in an empty project, with its dependencies beside it, as `npm install` would. */
async function installPackage(): Promise<void> {
	const npm = (...args: string[]) => run("npm", args, { cwd: ROOT });
	await npm("run", "--silent", "sdk:build");
	await npm("pack", "./sdk", "--silent", "--pack-destination", project);
	const [archive = ""] = readdirSync(project).filter(name => name.endsWith(".tgz"));
	const modules = join(project, "node_modules");
	mkdirSync(join(modules, "zjmall-sdk"), { recursive: true });
	await run("tar", [
		"-xzf",
		join(project, archive),
		"-C",
		join(modules, "zjmall-sdk"),
		"--strip-components=1"
	]);
	symlinkSync(join(ROOT, "node_modules/openapi-fetch"), join(modules, "openapi-fetch"));
	writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
	cpSync(join(ROOT, "tests/support/sdk-shopper.mjs"), join(project, "shopper.mjs"));
}

beforeAll(installPackage);

it("sells to a shopper in an empty project with nothing but the packed client", async () => {
	const shop = await SharedShop.open();
	const staff = new StaffClient(shop, await shop.asAdmin());
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 3300 })] });
	await staff.addStock(product.skus[0].id, 5);
	const phone = "13522334455";
	await shop.register(phone);

	const { stdout } = await run(
		process.execPath,
		["shopper.mjs", shop.url, phone, "Tea-and-rice-9", product.skus[0].id],
		{ cwd: project, timeout: 60_000 }
	);

	const seen = JSON.parse(stdout) as { ids: string[]; names: string[] };
	expect(seen).toMatchObject({
		refusal: [404, expect.stringContaining("order"), "order"],
		isSameOrder: true,
		status: "paid"
	});
	expect(seen.names[0]).toBe("order.created");
	expect(seen.names).toContain("payment.succeeded");
	expect(seen.names.at(-1)).toBe("order.paid");
	expect(new Set(seen.ids).size).toBe(seen.ids.length);
});

it("is a CommonJS package too", async () => {
	const { url } = await SharedShop.open();
	const script = `const { createShopClient } = require("zjmall-sdk");
		createShopClient({ baseUrl: "${url}" })
			.GET("/api/v1/orders/{id}", { params: { path: { id: "1" } } })
			.catch(err => console.log(err.code));`;
	writeFileSync(join(project, "common.cjs"), script);

	// Without this flag Node would load the ES modules by `require` as well.
	const { stdout } = await run(process.execPath, ["--no-experimental-require-module", "common.cjs"], {
		cwd: project,
		timeout: 60_000
	});

	expect(stdout.trim()).toBe("UNAUTHORIZED");
});
