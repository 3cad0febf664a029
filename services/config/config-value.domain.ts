import { configKeys, type ConfigKey } from "../../schemas/config-keys";
import type { ConfigChangeView, ConfigValueView } from "../../schemas/config.contract";
import { notFound, Refusal } from "../../schemas/errors/errors";
import { toJsonSchema } from "../../schemas/kit/json-schema";
import { newValidator } from "../../schemas/kit/validator";

/**
 * One change of one config key. Only changes are stored: a key's value is that of its latest change, so a value and its
 * history can't disagree. `_id` numbers all changes without a gap: it is the revision of the whole config.
 */
export type ConfigChange = {
	readonly _id: string;
	readonly key: string;
	/** Numbers the changes of this key, from 1. */
	readonly version: number;
	readonly value: unknown;
	readonly by: string;
	readonly at: Date;
};

/** The id of a revision, padded so that ids sort as numbers. */
export const changeId = (revision: number): string => String(revision).padStart(12, "0");
export const revisionOf = (change: ConfigChange | null): number => (change ? Number(change._id) : 0);

export const KEYS = Object.keys(configKeys) as ConfigKey[];

/** The config key of this name. Refuses a name that is none. */
export function requireKey(name: string): ConfigKey {
	const key = KEYS.find(candidate => candidate === name);
	if (!key) throw notFound("config_key", name);
	return key;
}

const validator = newValidator();
const checks = new Map(KEYS.map(key => [key, validator.compile({ value: configKeys[key].rule })]));

/** Faults of a value for a key; empty for a valid value. */
export function findFaults(key: ConfigKey, value: unknown) {
	const verdict = checks.get(key)?.({ value });
	return Array.isArray(verdict) ? verdict : [];
}

export function assertValue(key: ConfigKey, value: unknown): void {
	const faults = findFaults(key, value).map(({ field, type, message, expected }) => {
		const limit: unknown = expected;
		return { field, type, message, expected: limit };
	});
	if (faults.length) throw Refusal.restore("VALIDATION_ERROR", `Not a value for ${key}`, faults);
}

/** Values by key. A stored value that the key's present rule no longer accepts is left out, so the default applies. */
export function effectiveValues(latest: readonly ConfigChange[]): Record<string, unknown> {
	const valid = latest.filter(({ key, value }) => {
		const name = KEYS.find(candidate => candidate === key);
		return name && !findFaults(name, value).length;
	});
	return Object.fromEntries(valid.map(({ key, value }) => [key, value]));
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

/** Version 0 of a config key: its default, which nobody set. */
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
/** A page of a key's history, newest first. The default is its last entry, after the first change. */
export function toHistoryPage(
	key: ConfigKey,
	{ items, page, pageSize, total }: HistoryPage<ConfigChange>
): HistoryPage<ConfigChangeView> {
	const changes = items.map(toChangeView);
	const isLastPage = items.length < pageSize && (page - 1) * pageSize + items.length === total;
	return {
		items: isLastPage ? [...changes, defaultChange(key)] : changes,
		page,
		pageSize,
		total: total + 1
	};
}

const toChangeView = ({ version, value, by, at }: ConfigChange): ConfigChangeView => ({
	version,
	value,
	by,
	at: at.toISOString()
});
