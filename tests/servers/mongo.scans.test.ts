import type * as ServiceFilesModule from "../../infrastructure/service-files";
import { createMongoDatabase } from "../../infrastructure/documents/mongo/database";
import type * as SettingsModule from "../../settings";
import { aSku, StaffClient } from "../support/builders";
import { startShop } from "../support/shop";
import { Shopper } from "../support/shopper";
import { onStandIn } from "../support/stand-in";

/**
 * MongoDB's own planner confirms for the main flow what `infrastructure/documents/index-guard.ts` checks for every query of the
 * suite. Skipped on mongo-java-server, which has neither `explain` nor a profiler.
 */
const onMongo = onStandIn ? it.skip : it;

onMongo("placing and paying an order scans no collection, by MongoDB's profiler", async () => {
	const shop = await startShop();
	const { settings } = require("../../settings") as typeof SettingsModule;
	const { readCollectionDeclarations, findServiceFiles } =
		require("../../infrastructure/service-files") as typeof ServiceFilesModule;
	const files = findServiceFiles(settings).values();
	const small = readCollectionDeclarations(files).flatMap(({ name, scans }) => (scans ? [name] : []));
	const mongo = createMongoDatabase({ url: process.env["MONGO_URL"] ?? "", name: settings.namespace });
	await mongo.db.command({ profile: 2 });

	const staff = new StaffClient(shop, await shop.asAdmin());
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 1000 })] });
	await staff.addStock(product.skus[0].id, 10);
	const shopper = new Shopper(shop, await shop.asUser());
	const order = await shopper.order(product.skus[0].id);
	const payment = await shopper.createPayment(order.id, "wechat");
	await shopper.payAtChannel(payment.paymentNo);
	await staff.mustSend("GET", "/admin/orders");
	await shop.stop();

	await mongo.db.command({ profile: 0 });
	const profile = mongo.db.collection("system.profile");
	const scanned = await profile.find({ planSummary: /COLLSCAN/ }).toArray();
	const seen = await profile.countDocuments({ planSummary: /IXSCAN|IDHACK/ });
	await mongo.drop();
	await mongo.close();
	const excused = [...small, "migrations"].map(name => `${settings.namespace}.${name}`);
	expect(scanned.filter(({ ns }) => !excused.includes(ns)).map(({ ns, command }) => [ns, command])).toEqual(
		[]
	);
	expect(seen).toBeGreaterThan(50);
});
