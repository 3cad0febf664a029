import { parseArgs } from "node:util";
import { backends } from "../infrastructure/backends";
import { settings } from "../settings";

/** `npm run reset` deletes the shop's data, and nothing of other shops on the same servers. In production it needs `-- --yes`. */
async function main(): Promise<void> {
	const { values } = parseArgs({ options: { yes: { type: "boolean", default: false } } });
	if (settings.production && !values.yes)
		throw new Error(
			`This would delete all data of the shop ${settings.namespace}. To confirm: npm run reset -- --yes`
		);
	const deleted = await backends.reset();
	process.stdout.write(
		deleted.length
			? `已清空 deleted: ${deleted.join(", ")}\n`
			: `没有数据 nothing to delete in ${settings.dataDir}\n`
	);
}

main().then(
	() => process.exit(0),
	(err: unknown) => {
		process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
		process.exit(1);
	}
);
