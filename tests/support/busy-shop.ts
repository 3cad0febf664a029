import { StaffClient } from "./builders";
import { startShop } from "./shop";
import { Shopper } from "./shopper";
import { aSkuInStock } from "./buyers";

/** Runs a shop with busy customers, and prints a line for each order, until the process is killed. Arguments: data folder, first phone number. */
async function main([dataDir = "", phone = ""]: string[]): Promise<void> {
	const shop = await startShop({ DATA_DIR: dataDir });
	const staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.creatingTimeout", { value: 5 });
	const skus = await Promise.all([aSkuInStock(staff, 300), aSkuInStock(staff, 300)]);
	const shoppers = await Promise.all(
		[0, 1, 2, 3].map(async n => new Shopper(shop, (await shop.register(String(Number(phone) + n))).token))
	);
	process.stdout.write("open\n");
	const visits = shoppers.map(async (shopper, n) => {
		for (let visit = n; ; visit++) {
			const items = skus.map(skuId => ({ skuId, quantity: 1 + (visit % 2) }));
			const key = `visit-${n}-${visit}`;
			const { body } = await shopper.send(
				"POST",
				"/orders",
				{ items, addressId: await shopper.address() },
				key
			);
			const id = body.data?.id as string | undefined;
			if (id === undefined) continue;
			process.stdout.write("order\n");
			if (visit % 3 === 0) await shopper.send("POST", `/orders/${id}/cancel`, {});
			else {
				const payment = await shopper.createPayment(id);
				await shopper.payAtChannel(payment.paymentNo, "twice");
				if (visit % 3 === 1)
					await staff.send("POST", `/admin/orders/${id}/cancel`, { reason: "test" });
			}
		}
	});
	await Promise.all(visits);
}

main(process.argv.slice(2)).catch((err: unknown) => {
	process.stderr.write(`${String(err)}\n`);
	process.exitCode = 1;
});
