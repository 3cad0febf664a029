import { invalid } from "../../schemas/errors/errors";
import { listUploads } from "./picture.domain";
import { removeBytes } from "./store-picture";
import type { UploadsContext } from "./uploads.context";

/**
 * Keeps pictures for their owner. The claim is written before it is checked that the pictures exist, and a removal is marked
 * before it looks for claims: whatever order they run in, one of them sees the other.
 */
export async function claimPictures(
	{ claims, pictures }: UploadsContext,
	{
		owner,
		urls,
		field
	}: { readonly owner: string; readonly urls: readonly string[]; readonly field: string }
): Promise<void> {
	const { names, hasMisspelt } = listUploads(urls);
	if (hasMisspelt) throw invalid(field, "noPicture");
	if (names.length === 0) return;
	const before = await claims.insertOnce({ _id: owner, names }, { _id: owner });
	const added = names.filter(name => !before.names.includes(name));
	if (added.length > 0) await claims.change({ _id: owner }, { $addToSet: { names: { $each: added } } });
	const missing = await findMissing({ pictures }, names);
	if (missing.length === 0) return;
	await claims.change({ _id: owner }, { $pull: { names: { $in: missing } } });
	throw invalid(field, "noPicture");
}

/** Refuses pictures that don't exist now. */
export async function checkPictures(
	context: Pick<UploadsContext, "pictures">,
	{ urls, field }: { readonly urls: readonly string[]; readonly field: string }
): Promise<void> {
	const { names, hasMisspelt } = listUploads(urls);
	if (hasMisspelt || (await findMissing(context, names)).length > 0) throw invalid(field, "noPicture");
}

async function findMissing(
	{ pictures }: Pick<UploadsContext, "pictures">,
	names: readonly string[]
): Promise<string[]> {
	if (names.length === 0) return [];
	const found = await pictures.find({ _id: { $in: names }, removing: false }, { fields: ["_id"] });
	const existing = new Set(found.map(({ _id }) => _id));
	return names.filter(name => !existing.has(name));
}

/** Drops the claims of an owner, and removes pictures that nobody else has claimed. */
export async function releasePictures(context: UploadsContext, owner: string, now: Date): Promise<void> {
	const claim = await context.claims.findOne({ _id: owner });
	if (!claim) return;
	const { names } = claim;
	// The sweep does what a crash after the next line leaves undone.
	await context.pictures.changeMany({ _id: { $in: names } }, { $set: { sweepAt: now } });
	await context.claims.remove({ _id: owner });
	for (const name of names) await removeUnclaimed(context, name, now);
}

/** Removes a picture whose time for a claim is over, if it has none. May be repeated after a crash at any line. */
async function removeUnclaimed(context: UploadsContext, name: string, now: Date): Promise<void> {
	const { claims, pictures } = context;
	const due = { _id: name, sweepAt: { $lte: now } };
	if (!(await pictures.change(due, { $set: { removing: true } }))) return;
	const claimed = await claims.findOne({ names: name }, { fields: ["_id"] });
	if (claimed) {
		await pictures.change({ ...due, removing: true }, { $set: { removing: false, sweepAt: null } });
		return;
	}
	await removeBytes(context, name);
	await pictures.remove({ _id: name, removing: true });
}

const SWEPT_AT_A_TIME = 100;

/** Removes pictures that nobody has claimed within a day of their last upload. */
export async function sweepPictures(context: UploadsContext, now: Date): Promise<void> {
	const due = await context.pictures.find(
		{ sweepAt: { $lte: now } },
		{ limit: SWEPT_AT_A_TIME, fields: ["_id"] }
	);
	for (const { _id } of due) await removeUnclaimed(context, _id, now);
}
