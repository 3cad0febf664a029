import type { AuditEntry } from "../../schemas/audit.contract";
import { HIDDEN, isSecret } from "../../schemas/sensitive-fields";
import { maskPhone, parseMobile } from "../../schemas/values/phone";
import { truncate } from "../../schemas/values/text";

/** A stored entry. Its id is its place in the hash chain, so no two entries can take the same place. */
export type AuditRecord = Omit<AuditEntry, "id" | "at" | "changes"> & {
	readonly _id: string;
	readonly at: Date;
	/** Absent in entries of earlier versions, as `keyId`. */
	readonly changes?: AuditEntry["changes"];
	/** Hash of the entry before this one, and so of all before it. */
	readonly previous: string;
	readonly hash: string;
	/** The key of the hash. Earlier versions had none: such entries come first. */
	readonly keyId?: string;
};
export type AuditInput = Omit<AuditRecord, "_id" | "at" | "previous" | "hash" | "keyId" | "changes"> & {
	readonly changes?: AuditEntry["changes"] | undefined;
};

/** Where the log begins: behind the last entry that was removed for its age. `mac` binds it to the key. */
export type ChainStart = {
	readonly _id: "start";
	readonly lastId: string;
	readonly hash: string;
	readonly keyId: string;
	readonly mac: string;
};

/** The place in the chain before an entry. */
export type Link = Pick<AuditRecord, "_id" | "hash" | "keyId">;
export const CHAIN_START: Link = { _id: "0".repeat(12), hash: "" };

/** Hashes of texts: without a key as earlier versions did, and under the key of an id (HMAC); null where the key is not known. */
export type Hashes = {
	readonly currentKeyId: string;
	hash(this: void, text: string, keyId: string | undefined): string | null;
};

/** Makes the entry that follows `last` in the chain, under the current key. */
export function linkEntry(last: Link, input: AuditInput, at: Date, hashes: Hashes): AuditRecord {
	const entry = {
		...input,
		params: redact(input.params) as AuditInput["params"],
		changes: (redact(input.changes ?? null) ?? null) as AuditEntry["changes"],
		_id: toEntryId(Number(last._id) + 1),
		at,
		previous: last.hash,
		keyId: hashes.currentKeyId
	};
	return { ...entry, hash: hashes.hash(toHashedText(entry), entry.keyId) ?? "" };
}

const toEntryId = (place: number) => String(place).padStart(12, "0");

/** Why the entry can't be the one that follows `last`; null if it can. */
export function findFault(last: Link, entry: AuditRecord, { hash }: Hashes): string | null {
	if (Number(entry._id) !== Number(last._id) + 1) return `entries are missing: it follows ${last._id}`;
	if (entry.previous !== last.hash) return "it does not follow the entry before it";
	if (entry.keyId === undefined && last.keyId !== undefined) return "it has no key, unlike those before it";
	const expected = hash(toHashedText(entry), entry.keyId);
	if (expected === null) return `its key ${entry.keyId ?? ""} is not in AUDIT_KEYS`;
	return entry.hash === expected ? null : "it was changed";
}

/**
 * The last of the entries behind the start of a chain that are all older than `before` and all fit it; null if not even the
 * first is and does. Whoever can write the store can change an entry's time, and so make none of those before it go.
 */
export function findLastOld(
	start: Link,
	entries: readonly AuditRecord[],
	before: Date,
	hashes: Hashes
): AuditRecord | null {
	let last: AuditRecord | null = null;
	for (const entry of entries) {
		if (entry.at >= before || findFault(last ?? start, entry, hashes) !== null) break;
		last = entry;
	}
	return last;
}

/** Makes the start of a chain whose entries up to `last` are removed. Whoever does not have the key can't move it. */
export function makeChainStart({ _id: lastId, hash }: Link, hashes: Hashes): ChainStart {
	const keyId = hashes.currentKeyId;
	return { _id: "start", lastId, hash, keyId, mac: hashes.hash(toStartText(lastId, hash), keyId) ?? "" };
}

/** The place before the first entry that is kept; null where the start was changed, or its key is not known. */
export function readChainStart(start: ChainStart | null, { hash }: Hashes): Link | null {
	if (!start) return CHAIN_START;
	if (start.mac !== hash(toStartText(start.lastId, start.hash), start.keyId)) return null;
	return { _id: start.lastId, hash: start.hash };
}

const toStartText = (lastId: string, hash: string) => JSON.stringify(["start", lastId, hash]);

export const toView = (record: AuditRecord): AuditEntry => ({
	id: record._id,
	at: record.at.toISOString(),
	by: record.by,
	roles: record.roles,
	action: record.action,
	params: record.params,
	outcome: record.outcome,
	ip: record.ip,
	requestId: record.requestId,
	changes: record.changes ?? null
});

/** The parts of an entry that its hash covers, in one order. */
const toHashedText = (entry: Omit<AuditRecord, "hash">) => {
	const { _id, at, by, roles, action, params, outcome, ip, requestId, previous, changes, keyId } = entry;
	const parts = [_id, at.toISOString(), by, roles, action, params, outcome, ip, requestId, previous];
	return JSON.stringify(keyId === undefined ? parts : [...parts, changes ?? null, keyId]);
};

const MAX_TEXT_LENGTH = 500;

/** Makes a parameter fit to be kept: hides secrets, masks phone numbers, cuts long texts. */
function redact(value: unknown): unknown {
	if (typeof value === "string") {
		const phone = parseMobile(value);
		if (phone) return maskPhone(phone);
		const truncated = truncate(value, MAX_TEXT_LENGTH);
		return truncated === value ? value : `${truncated}…`;
	}
	if (Array.isArray(value)) return value.map(redact);
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).map(([name, inner]) => [
		toStorableName(name),
		mustHide(name, inner) ? HIDDEN : redact(inner)
	]);
	return Object.fromEntries(entries);
}

/** Text in a phone field that is no phone may be a password typed in the wrong place, so it is hidden too. */
const mustHide = (name: string, value: unknown): boolean =>
	isSecret(name) || (name === "phone" && typeof value === "string" && !parseMobile(value));

/** A field name that a document can have, so that a request with any other name is recorded too. */
const toStorableName = (name: string) => name.replaceAll("\0", "").replace(/^(?=\$|__proto__$)/, "_");
