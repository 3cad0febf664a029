import { maskPhone, parseMobile } from "../../schemas/phone";
import type { AuditEntry } from "../../schemas/audit.contract";
import { truncate } from "../../schemas/text";

/** An entry of the log. Its id is its place in the chain, so two can't take the same one. */
export type AuditRecord = Omit<AuditEntry, "id" | "at"> & {
	readonly _id: string;
	readonly at: Date;
	/** Of the entry before, with all before it. */
	readonly previous: string;
	readonly hash: string;
};
export type AuditInput = Omit<AuditRecord, "_id" | "at" | "previous" | "hash">;

export const CHAIN_START = { _id: "0".repeat(12), hash: "" };
type Digest = (text: string) => string;
type Link = Pick<AuditRecord, "_id" | "hash">;

/** The entry that follows `last`. */
export function linkEntry(last: Link, given: AuditInput, at: Date, digest: Digest): AuditRecord {
	const entry = {
		...given,
		params: redact(given.params) as AuditInput["params"],
		_id: String(Number(last._id) + 1).padStart(12, "0"),
		at,
		previous: last.hash
	};
	return { ...entry, hash: digest(hashedText(entry)) };
}

/** Whether the entry is as it was written, and comes right after `last`. */
export const isNextLink = (last: Link, entry: AuditRecord, digest: Digest): boolean =>
	Number(entry._id) === Number(last._id) + 1 &&
	entry.previous === last.hash &&
	entry.hash === digest(hashedText(entry));

export const view = ({ _id, at, previous: _previous, hash: _hash, ...rest }: AuditRecord): AuditEntry => ({
	id: _id,
	at: at.toISOString(),
	by: rest.by,
	roles: rest.roles,
	what: rest.what,
	params: rest.params,
	outcome: rest.outcome,
	ip: rest.ip,
	requestId: rest.requestId
});

/** Everything of an entry that its hash stands for. */
const hashedText = ({
	_id,
	at,
	by,
	roles,
	what,
	params,
	outcome,
	ip,
	requestId,
	previous
}: Omit<AuditRecord, "hash">) =>
	JSON.stringify([_id, at.toISOString(), by, roles, what, params, outcome, ip, requestId, previous]);

const SECRET = /password|secret|token|code$/i;
const PHONE = /phone$/i;
const MAX_TEXT = 500;
/** What may be kept of a parameter: no secrets, no whole phone numbers, nothing long. */
function redact(value: unknown): unknown {
	if (typeof value === "string") {
		const phone = parseMobile(value);
		if (phone) return maskPhone(phone);
		const kept = truncate(value, MAX_TEXT);
		return kept === value ? value : `${kept}…`;
	}
	if (Array.isArray(value)) return value.map(redact);
	if (typeof value !== "object" || value === null) return value;
	// What is no phone in the place of one may be anything: a password in the wrong field.
	const hidden = (key: string, v: unknown) =>
		SECRET.test(key) || (PHONE.test(key) && typeof v === "string" && !parseMobile(v));
	const kept = Object.entries(value).map(([key, v]) => [
		storableName(key),
		hidden(key, v) ? "[hidden]" : redact(v)
	]);
	return Object.fromEntries(kept);
}

/** A name that a document can have: who sends another is in the log all the same. */
const storableName = (key: string) => key.replaceAll("\0", "").replace(/^(?=\$|__proto__$)/, "_");
