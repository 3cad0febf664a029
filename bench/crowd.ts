import { crowd } from "../tests/orders/crowd";
import { startShop } from "../tests/harness/shop";
import { stopShop } from "../scripts/stop";

/** Makes customers of a shop that runs elsewhere, beside it, and prints them. Arguments: data folder, how many. */
async function main([dataDir = "", size = ""]: string[]): Promise<void> {
	const { broker } = await startShop({ DATA_DIR: dataDir }, [
		"users",
		"auth",
		"sandbox",
		"config",
		"audit"
	]);
	const customers = await crowd(broker, Number(size));
	process.stdout.write(`\n${JSON.stringify(customers)}\n`); // on a line of its own: the shop logs as well
	await stopShop(broker, 0);
}

main(process.argv.slice(2)).catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
