import { parseArgs } from "node:util";
import type * as BackendsModule from "../infrastructure/backends";
import type * as SettingsModule from "../settings";
import { load, runCommand } from "./run-command";

/**
 * `npm run reset` deletes the shop's data, and nothing of other shops on the same servers. It refuses while the shop
 * runs. In production it needs `-- --yes`.
 */
async function reset(): Promise<void> {
	const { values } = parseArgs({ options: { yes: { type: "boolean", default: false } } });
	const { settings } = load<typeof SettingsModule>("../settings");
	const { backends } = load<typeof BackendsModule>("../infrastructure/backends");
	if (settings.production && !values.yes)
		throw new Error(
			`将删除商城 ${settings.namespace} 的全部数据，确认请加 / this would delete all data of the shop ${settings.namespace}, to confirm: npm run reset -- --yes`
		);
	await backends.refuseRunningShop();
	const deleted = await backends.reset();
	process.stdout.write(
		deleted.length
			? `已清空 deleted: ${deleted.join(", ")}\n`
			: `没有数据 nothing to delete in ${settings.dataDir}\n`
	);
}

runCommand(reset);
