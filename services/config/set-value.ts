import type { ConfigValueView } from "../../schemas/config.contract";
import type { ConfigKey } from "../../schemas/config-keys";
import { notFound } from "../../schemas/errors/errors";
import type { ConfigContext } from "./config.context";
import * as domain from "./config-value.domain";

type Changes = Pick<ConfigContext, "changes">;

/** Sets a value for every process of the shop. Refuses a value that the key's rule does not accept. */
export async function setValue(
	context: ConfigContext,
	key: ConfigKey,
	value: unknown,
	by: string
): Promise<ConfigValueView> {
	domain.assertValue(key, value);
	const change = await recordChange(context, { key, value, by, at: new Date() });
	await context.config.refresh(context.broker); // other processes follow at their next poll
	return domain.toView(key, change);
}

/** Stores a change under the next revision. A concurrent change that took the revision first makes it try the one after. */
function recordChange(
	{ changes }: Changes,
	change: Omit<domain.ConfigChange, "_id" | "version">
): Promise<domain.ConfigChange> {
	return changes.retryConflicts(change.key, async () => {
		const revision = (await readRevision({ changes })) + 1;
		const version = ((await findLatestChange({ changes }, change.key))?.version ?? 0) + 1;
		return changes.tryInsert({ _id: domain.changeId(revision), version, ...change });
	});
}

/** The revision of the whole config: the number of its newest change, 0 without one. */
export const readRevision = async ({ changes }: Changes): Promise<number> =>
	domain.revisionOf(await changes.findOne({}, { sort: { _id: -1 } }));

export const findLatestChange = ({ changes }: Changes, key: string): Promise<domain.ConfigChange | null> =>
	changes.findOne({ key }, { sort: { version: -1 } });

/** The value that a key had at a version; version 0 is its default. Refuses a version that the key never had. */
export async function requireFormerValue(
	{ changes }: Changes,
	key: ConfigKey,
	version: number
): Promise<unknown> {
	if (version === 0) return domain.defaultChange(key).value;
	const change = await changes.findOne({ key, version });
	if (!change) throw notFound("config_version", String(version));
	return change.value;
}
