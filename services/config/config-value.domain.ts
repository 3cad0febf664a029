import { configKeys, type ConfigKey } from "../../schemas/config-keys";
import type { ConfigChangeView, ConfigValueView } from "../../schemas/config.contract";
import { Refusal } from "../../schemas/errors";
import { toJsonSchema } from "../../schemas/json-schema";
import { newValidator } from "../../schemas/validator";

/**
 * One change of one setting. The changes are the whole truth: the config is what the last change of each key says, so that
 * a value and its history can't part. `_id` counts all changes without a gap and is the version of the whole config.
 */
export type ConfigChange = {
	readonly _id: string;
	readonly key: string;
	/** Counts the changes of this key. */
	readonly version: number;
	readonly value: unknown;
	readonly by: string;
	readonly at: Date;
};

/** As long a text for every number, so that ids sort as numbers do. */
export const changeId = (revision: number): string => String(revision).padStart(12, "0");
export const revisionOf = (change: ConfigChange | null): number => (change ? Number(change._id) : 0);

export const KEYS = Object.keys(configKeys) as ConfigKey[];

/** Refuses a key that the shop does not have. */
export function requireKey(name: string): ConfigKey {
	const key = KEYS.find(candidate => candidate === name);
	if (!key) throw new Refusal("NOT_FOUND", "No such setting", { key: name });
	return key;
}

const validator = newValidator();
const checks = new Map(KEYS.map(key => [key, validator.compile({ value: configKeys[key].rule })]));

/** What is wrong with a value for the key; nothing when it may be set. */
export function findFaults(key: ConfigKey, value: unknown) {
	const verdict = checks.get(key)?.({ value });
	return Array.isArray(verdict) ? verdict : [];
}

export function assertValue(key: ConfigKey, value: unknown): void {
	const faults = findFaults(key, value).map(({ field, type, message, expected }) => {
		const limit: unknown = expected;
		return { field, type, message, expected: limit };
	});
	if (faults.length) throw new Refusal("VALIDATION_ERROR", `Not a value for ${key}`, faults);
}

/** The values that were set; one that today's rule no longer admits is as good as never set. */
export function effectiveValues(latest: readonly ConfigChange[]): Record<string, unknown> {
	const known = latest.filter(({ key, value }) => {
		const name = KEYS.find(candidate => candidate === key);
		return name && !findFaults(name, value).length;
	});
	return Object.fromEntries(known.map(({ key, value }) => [key, value]));
}

export function toView(key: ConfigKey, latest: ConfigChange | null): ConfigValueView {
	const { rule, initial, about } = configKeys[key];
	return {
		key,
		value: latest && !findFaults(key, latest.value).length ? latest.value : initial,
		default: initial,
		description: about,
		schema: toJsonSchema(rule),
		version: latest?.version ?? 0,
		updatedAt: latest?.at.toISOString() ?? null,
		updatedBy: latest?.by ?? null
	};
}

/** Version 0 of every setting: the default, which nobody set. */
export const defaultChange = (key: ConfigKey): ConfigChangeView => ({
	version: 0,
	value: configKeys[key].initial,
	by: null,
	at: null
});

type HistoryPage<C> = {
	readonly items: readonly C[];
	readonly page: number;
	readonly pageSize: number;
	readonly total: number;
};
/** A page of a setting's history, newest first. The default follows the first change, as the last entry of all. */
export function toHistoryPage(
	key: ConfigKey,
	{ items, page, pageSize, total }: HistoryPage<ConfigChange>
): HistoryPage<ConfigChangeView> {
	const changes = items.map(changeView);
	const endsHere = items.length < pageSize && (page - 1) * pageSize + items.length === total;
	return {
		items: endsHere ? [...changes, defaultChange(key)] : changes,
		page,
		pageSize,
		total: total + 1
	};
}

const changeView = ({ version, value, by, at }: ConfigChange): ConfigChangeView => ({
	version,
	value,
	by,
	at: at.toISOString()
});
