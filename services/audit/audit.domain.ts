import type { AuditEntry } from "../../schemas/audit.contract";
import { maskPhone, parseMobile } from "../../schemas/values/phone";
import { truncate } from "../../schemas/values/text";

/** A stored entry. Its id is its place in the hash chain, so no two entries can take the same place. */
export type AuditRecord = Omit<AuditEntry, "id" | "at"> & {
	readonly _id: string;
	readonly at: Date;
	/** Hash of the entry before this one, and so of all before it. */
	readonly previous: string;
	readonly hash: string;
};
export type AuditInput = Omit<AuditRecord, "_id" | "at" | "previous" | "hash">;

export const CHAIN_START = { _id: "0".repeat(12), hash: "" };
type Digest = (text: string) => string;
type Link = Pick<AuditRecord, "_id" | "hash">;

/** Makes the entry that follows `last` in the chain. */
export function linkEntry(last: Link, input: AuditInput, at: Date, digest: Digest): AuditRecord {
	const entry = {
		...input,
		params: redact(input.params) as AuditInput["params"],
		_id: String(Number(last._id) + 1).padStart(12, "0"),
		at,
		previous: last.hash
	};
	return { ...entry, hash: digest(toHashedText(entry)) };
}

/** Whether the entry is unchanged and directly follows `last`. */
export const isNextEntry = (last: Link, entry: AuditRecord, digest: Digest): boolean =>
	Number(entry._id) === Number(last._id) + 1 &&
	entry.previous === last.hash &&
	entry.hash === digest(toHashedText(entry));

export const toView = ({ _id, at, previous: _previous, hash: _hash, ...rest }: AuditRecord): AuditEntry => ({
	id: _id,
	at: at.toISOString(),
	by: rest.by,
	roles: rest.roles,
	action: rest.action,
	params: rest.params,
	outcome: rest.outcome,
	ip: rest.ip,
	requestId: rest.requestId
});

/** The parts of an entry that its hash covers, in one order. */
const toHashedText = (entry: Omit<AuditRecord, "hash">) => {
	const { _id, at, by, roles, action, params, outcome, ip, requestId, previous } = entry;
	return JSON.stringify([
		_id,
		at.toISOString(),
		by,
		roles,
		action,
		params,
		outcome,
		ip,
		requestId,
		previous
	]);
};

const SECRET_NAMES = /password|secret|token|code$/i;
const PHONE_NAMES = /phone$/i;
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
		mustHide(name, inner) ? "[hidden]" : redact(inner)
	]);
	return Object.fromEntries(entries);
}

/** Text in a phone field that is no phone may be a password typed in the wrong place, so it is hidden too. */
const mustHide = (name: string, value: unknown): boolean =>
	SECRET_NAMES.test(name) || (PHONE_NAMES.test(name) && typeof value === "string" && !parseMobile(value));

/** A field name that a document can have, so that a request with any other name is recorded too. */
const toStorableName = (name: string) => name.replaceAll("\0", "").replace(/^(?=\$|__proto__$)/, "_");
