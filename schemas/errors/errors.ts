import { Errors } from "moleculer";
import { formatFieldMessage, type Fault, type FieldFaultType } from "./messages";
import { describeCode, isRefusalType, type RefusalType } from "./error-codes";
import type { ErrorData } from "./error-data";
import { NOUNS, type Noun } from "./nouns";

/** Nothing for a code without data, an option where the rule of its data demands no field. */
type DataArguments<T extends RefusalType> =
	undefined extends ErrorData<T>
		? []
		: object extends ErrorData<T>
			? [data?: ErrorData<T>]
			: [data: ErrorData<T>];

/**
 * An error that the caller can act on. The client's wording comes from `schemas/errors/messages.ts` by type; `message` is for
 * developers. `data` reaches the client: ids and numbers only, never another user's. Compare by `isRefusal`, not by class:
 * the class is lost between nodes.
 */
export class Refusal<T extends RefusalType = RefusalType> extends Errors.MoleculerError {
	constructor(type: T, message: string, ...[data]: DataArguments<T>) {
		const { status, retryable = false } = describeCode(type);
		// A refusal is an answer: nobody looks where it was made, and the crowd after the last unit gets thousands.
		const { stackTraceLimit } = Error;
		Error.stackTraceLimit = 0;
		super(message, status, type, data);
		Error.stackTraceLimit = stackTraceLimit;
		this.name = "Refusal";
		this.retryable = retryable;
	}

	/** A refusal again, as it was stored or received: its data has been checked where it was made. */
	static restore(type: RefusalType, message: string, data: unknown): Refusal {
		return new Refusal(type, message, ...([data ?? undefined] as unknown as DataArguments<RefusalType>));
	}
}

/** Says what was not found, by the noun that the client reads. */
export const notFound = (what: Noun, id?: string): Refusal =>
	new Refusal("NOT_FOUND", `No such ${NOUNS[what].en}`, { what, ...(id !== undefined && { id }) });

/** Says from which state an action is not possible, and to which states (or fields) it can be changed instead. */
export const invalidState = (
	message: string,
	{ state, allowed, ...more }: ErrorData<"INVALID_STATE">
): Refusal => new Refusal("INVALID_STATE", message, { ...more, state, allowed });

/**
 * Thrown by a fact's handler when another fact has to be handled first. The transport delivers the fact again; after its last
 * attempt it is a dead letter.
 */
export class NotYetError extends Error {
	override readonly name = "NotYetError";
}

/** A fault of one field; `expected` completes the wording. */
export type FieldFault = {
	readonly field: string;
	readonly type: FieldFaultType;
	readonly expected?: number | readonly string[];
};

/** Most faults of fields that one answer names: the work of refusing a request must not grow with what was sent. */
export const MAX_FAULTS = 50;

/** Refuses fields by their paths, in the way that the validator refuses a broken rule. */
export const invalidFields = (found: readonly FieldFault[]): Refusal => {
	const faults = found.slice(0, MAX_FAULTS);
	const inWords = ({ field, type, expected }: FieldFault) =>
		`${field}: ${formatFieldMessage(type, expected, "en", type)}`;
	return new Refusal("VALIDATION_ERROR", faults.map(inWords).join("; "), faults);
};

/** Refuses a value that its rule accepts and the domain does not. */
export const invalid = (field: string, type: Fault, expected?: number): Refusal =>
	invalidFields([{ field, type, ...(expected !== undefined && { expected }) }]);

/** True for a refusal below 500: what was asked for was not done. After any other error that is unknown. */
export const isDefiniteRefusal = (err: unknown): err is { readonly type: RefusalType } => {
	const { type } = Object(err) as { type?: unknown };
	return isRefusalType(type) && describeCode(type).status < 500;
};

/** True for a refusal of this type, wherever it was thrown. */
export const isRefusal = (err: unknown, type: RefusalType): boolean =>
	err instanceof Error && "type" in err && err.type === type;
