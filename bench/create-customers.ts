import { writeFileSync } from "node:fs";
import { createCustomers } from "../tests/support/crowd";
import { startShop } from "../tests/support/shop";

/** Creates customers in the database of a running shop. Arguments: data folder, number of customers, file to list them in. */
async function main([dataDir = "", size = "", file = ""]: string[]): Promise<void> {
	const { broker } = await startShop({ DATA_DIR: dataDir }, [
		"users",
		"auth",
		"sandbox",
		"config",
		"audit"
	]);
	const customers = await createCustomers(broker, Number(size));
	writeFileSync(file, JSON.stringify(customers));
	await broker.stop();
}

main(process.argv.slice(2)).catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
