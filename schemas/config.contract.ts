import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

const configValue = r.obj("ConfigValue", {
	key: r.str(),
	value: r.any(),
	default: r.any(),
	description: r.str(),
	/** JSON Schema of the value. */
	schema: r.record(r.any()),
	version: r.int({ min: 0 }),
	updatedAt: r.orNull(r.time()),
	updatedBy: r.orNull(r.str())
});
export type ConfigValueView = r.TypeOf<typeof configValue>;
/** One value of a key's history. Version 0 is the default, which nobody set: `by` and `at` are null. */
const change = r.obj("ConfigChange", {
	version: r.int({ min: 0 }),
	value: r.any(),
	by: r.orNull(r.str()),
	at: r.orNull(r.time())
});
export type ConfigChangeView = r.TypeOf<typeof change>;

export const config = contract("config", {
	/** All values and their revision; null for values that have not changed since `revision`. */
	snapshot: action({ revision: r.int() }, { repeatable: true }).returns(
		r.obj({ revision: r.int(), values: r.orNull(r.record(r.any())) })
	),
	list: action(r.paging)
		.returns(r.pageOf(configValue))
		.rest("GET /admin/config", ["admin"], "Every config key with its value"),
	get: action({ key: r.str({ max: 64 }) })
		.returns(configValue)
		.rest("GET /admin/config/:key", ["admin"], "One config key"),
	set: action({ key: r.str({ max: 64 }), value: r.any() })
		.returns(configValue)
		.rest("PUT /admin/config/:key", ["admin"], "Change a config value, live in every service"),
	history: action({ key: r.str({ max: 64 }), ...r.paging })
		.returns(r.pageOf(change))
		.rest(
			"GET /admin/config/:key/history",
			["admin"],
			"Every value of a config key, newest first, down to its default (version 0)"
		),
	rollback: action({ key: r.str({ max: 64 }), version: r.int({ min: 0 }) })
		.returns(configValue)
		.rest(
			"POST /admin/config/:key/rollback",
			["admin"],
			"Set a former value again; version 0 is the default"
		)
});
