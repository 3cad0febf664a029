import { facts } from "./facts.dashboard";
import { gateway } from "./gateway.dashboard";
import { buildDashboard } from "./panels";
import { payments } from "./payments.dashboard";
import { shop } from "./shop.dashboard";
import { stores } from "./stores.dashboard";

const DEFINITIONS = { shop, gateway, facts, stores, payments };

/** The files of `deploy/grafana/dashboards` by name. */
export const formatDashboards = (): Record<string, string> =>
	Object.fromEntries(
		Object.entries(DEFINITIONS).map(([name, definition]) => [
			`${name}.json`,
			`${JSON.stringify(buildDashboard(definition), null, "\t")}\n`
		])
	);

/** Every query of every dashboard, with the panel that it is in. */
export const listDashboardQueries = (): { panel: string; expression: string }[] =>
	Object.entries(DEFINITIONS).flatMap(([name, { rows }]) =>
		rows.flatMap(({ panels }) =>
			panels.flatMap(({ title, queries }) =>
				queries.map(([expression]) => ({ panel: `${name}: ${title}`, expression }))
			)
		)
	);
