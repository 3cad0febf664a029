import {
	action,
	any,
	contract,
	int,
	obj,
	orNull,
	pageOf,
	paging,
	record,
	str,
	time,
	type TypeOf
} from "./kit";

const setting = obj({
	key: str(),
	value: any(),
	default: any(),
	description: str(),
	/** JSON Schema of the value. */
	schema: record(any()),
	version: int({ min: 0 }),
	updatedAt: orNull(time()),
	updatedBy: orNull(str())
});
export type ConfigValueView = TypeOf<typeof setting>;
/** Version 0 is the default, which nobody set: `by` and `at` are null. */
const change = obj({ version: int({ min: 0 }), value: any(), by: orNull(str()), at: orNull(time()) });
export type ConfigChangeView = TypeOf<typeof change>;

export const config = contract("config", {
	/** The whole config if it changed since `version`. */
	snapshot: action({ version: int() }, { repeatable: true }).returns(
		obj({ version: int(), values: orNull(record(any())) })
	),
	list: action(paging)
		.returns(pageOf(setting))
		.rest("GET /admin/config", ["admin"], "Every setting with its value"),
	get: action({ key: str({ max: 64 }) })
		.returns(setting)
		.rest("GET /admin/config/:key", ["admin"], "One setting"),
	set: action({ key: str({ max: 64 }), value: any() })
		.returns(setting)
		.rest("PUT /admin/config/:key", ["admin"], "Change a setting, live in every service"),
	history: action({ key: str({ max: 64 }), ...paging })
		.returns(pageOf(change))
		.rest(
			"GET /admin/config/:key/history",
			["admin"],
			"Every value of a setting, newest first, down to its default (version 0)"
		),
	rollback: action({ key: str({ max: 64 }), version: int({ min: 0 }) })
		.returns(setting)
		.rest(
			"POST /admin/config/:key/rollback",
			["admin"],
			"Set a former value again; version 0 is the default"
		)
});
