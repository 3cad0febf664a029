import { DAY, INSTANT } from "../values/calendar";
import { MAX_UNITS } from "../values/demand";

/**
 * Rules for parameters, answers and facts: plain fastest-validator rules that carry their TypeScript type. Import the file
 * as a namespace: `import * as r from "./kit/rules"`, then `r.str()`.
 */

declare const phantom: unique symbol;
/** Gives a value a type parameter that exists for the compiler only (a phantom type). */
export type Phantom<V> = { readonly [phantom]?: () => V };
/** The TypeScript type that a rule, message or mixin stands for. */
export type TypeOf<X> = X extends Phantom<infer V> ? V : never;

export type Rule<V> = Phantom<V> & { readonly type: string; readonly [option: string]: unknown };
/** A rule with the options that converters read, such as those to JSON Schema. */
export type AnyRule = Rule<unknown> & {
	readonly min?: number;
	readonly max?: number;
	readonly integer?: boolean;
	readonly pattern?: RegExp;
	readonly format?: string;
	readonly about?: string;
	readonly nullable?: boolean;
	readonly unique?: boolean;
	readonly sensitivity?: Sensitivity;
	/** Name of the object's schema in the OpenAPI document. */
	readonly schemaName?: string;
	/** Words of an enumeration. */
	readonly values?: readonly string[];
	/** Rule of the items of a list. */
	readonly items?: Rule<unknown>;
	/** Rules of the fields of an object. */
	readonly props?: Shape;
	/** Rules of the keys and of the values of a dictionary; `nothing` has null as its value. */
	readonly key?: Rule<unknown>;
	readonly value?: Rule<unknown> | null;
};
/** Of a secret, such as a password, no log or audit entry has anything; what is personal is in no log. */
export type Sensitivity = "secret" | "personal";
export type Shape = Readonly<Record<string, Rule<unknown>>>;
type OptionalKeys<S> = { [K in keyof S]: undefined extends TypeOf<S[K]> ? K : never }[keyof S];
/** The TypeScript type of an object with these fields. */
export type FieldsOf<S> = { readonly [K in Exclude<keyof S, OptionalKeys<S>>]: TypeOf<S[K]> } & {
	readonly [K in OptionalKeys<S>]?: TypeOf<S[K]>;
};

/** Limits of a text's characters, a number's value or a list's items. */
type Limits = { min?: number; max?: number };
/** `about` becomes the description in the OpenAPI document. */
type Described = { about?: string };

/** The validator takes null for a value (`considerNullAsAValue`), so every rule except `orNull` must refuse it. */
const NOT_NULL = { nullable: false };

/** A text of at least one character. */
export const str = (options: Limits & Described & { pattern?: RegExp } = {}): Rule<string> => ({
	type: "string",
	empty: false,
	...NOT_NULL,
	...options
});

/** A text that may be empty. */
export const text = (options: Limits & Described = {}): Rule<string> => ({
	type: "string",
	...NOT_NULL,
	...options
});

export const int = (options: Limits & Described = {}): Rule<number> => ({
	type: "number",
	integer: true,
	min: Number.MIN_SAFE_INTEGER,
	max: Number.MAX_SAFE_INTEGER,
	...NOT_NULL,
	...options
});

/** A number with decimals: ratings, ratios. Never money. */
export const num = (options: Limits = {}): Rule<number> => ({ type: "number", ...NOT_NULL, ...options });

export const bool = (): Rule<boolean> => ({ type: "boolean", ...NOT_NULL });

export const oneOf = <const V extends string>(...values: readonly V[]): Rule<V> => ({
	type: "enum",
	values,
	...NOT_NULL
});

export const list = <V>(items: Rule<V>, options: Limits & { unique?: boolean } = {}): Rule<readonly V[]> => ({
	type: "array",
	items,
	...NOT_NULL,
	...options
});

/** A list; a single item is taken for a list of one. */
export const oneOrMore = <V>(items: Rule<V>, options: Limits = {}): Rule<readonly V[]> => ({
	...list(items, { min: 1, ...options }),
	convert: true
});

/**
 * An object with these fields and no others. One with a name is a schema of its own in the OpenAPI document, to which every
 * use of it refers.
 */
export function obj<S extends Shape>(props: S): Rule<FieldsOf<S>>;
export function obj<S extends Shape>(name: string, props: S): Rule<FieldsOf<S>>;
export function obj<S extends Shape>(...given: [S] | [string, S]): Rule<FieldsOf<S>> {
	const [name, props] = given.length === 1 ? [undefined, given[0]] : given;
	return {
		type: "object",
		strict: true,
		props,
		...NOT_NULL,
		...(name !== undefined && { schemaName: name })
	};
}

/** Excludes keys that a document can't have as a field (`$…`) and keys that a plain object can't have as its own. */
const storableKeys = ({ source, flags }: RegExp) =>
	new RegExp(`^(?!__proto__$|constructor$|prototype$|\\$)${source.replace(/^\^/, "")}`, flags);

/** A dictionary with free keys. `keys` is a pattern for the whole key, `max` the largest number of entries. */
export const record = <V>(
	value: Rule<V>,
	{ keys = /^[^\0]*$/, ...options }: Described & { keys?: RegExp; max?: number } = {}
): Rule<Readonly<Record<string, V>>> => ({
	type: "record",
	key: { type: "string", max: 64, pattern: storableKeys(keys) },
	value,
	...NOT_NULL,
	...options
});

/** Anything JSON can hold; for values whose rule is known only at run time. */
export const any = (): Rule<unknown> => ({ type: "any", nullable: true });
export const opt = <V>(rule: Rule<V>): Rule<V | undefined> => ({ ...rule, optional: true });
export const orNull = <V>(rule: Rule<V>): Rule<V | null> => ({ ...rule, nullable: true });
/** Marks a password, code, token or key. */
export const secret = <V>(rule: Rule<V>): Rule<V> => ({
	...rule,
	sensitivity: "secret" satisfies Sensitivity
});
/** Marks what tells of a person: a phone number, a name, an address, words of theirs. */
export const personal = <V>(rule: Rule<V>): Rule<V> => ({
	...rule,
	sensitivity: "personal" satisfies Sensitivity
});
/** The answer of an action that answers nothing. */
export const nothing: Rule<null> = { type: "equal", value: null, nullable: true };

/** An opaque id. */
export const id = (about?: string): Rule<string> =>
	str({ min: 1, max: 64, pattern: /^[\w.:-]+$/, ...(about && { about }) });

/** Integer fen, at most ten million yuan, so that sums stay exact. */
export const fen = (options: Limits = {}): Rule<number> =>
	int({ min: 0, max: 1_000_000_000, ...options, about: "fen" });

/** Sum of amounts in fen: bounded only by what a number holds exactly. */
export const fenSum = (): Rule<number> => fen({ max: Number.MAX_SAFE_INTEGER });

/** Units of a SKU in one line. */
export const quantity = (): Rule<number> => int({ min: 1, max: MAX_UNITS });

/** An instant: ISO 8601 in UTC. */
export const time = (): Rule<string> => ({
	...str({ max: 30, pattern: new RegExp(`^${INSTANT}$`) }),
	format: "date-time"
});

/** A day of the calendar, `2000-02-29`. */
export const day = (): Rule<string> => ({
	...str({ max: 10, pattern: new RegExp(`^${DAY}$`) }),
	format: "date"
});

/** An ISO 4217 code. */
export const currency = (): Rule<string> => str({ pattern: /^[A-Z]{3}$/ });

/** Query parameters of a list within a range of time, half-open: ranges that follow each other share no entry. */
export const timeRange = {
	from: opt({ ...time(), about: "The earliest time that is listed: from ≤ time" }),
	to: opt({ ...time(), about: "The first time that is no longer listed: time < to" })
};

/** Entries of a page of a list where the client names no number. */
export const DEFAULT_PAGE_SIZE = 20;
/** Lists are read by page number, and counted exactly, up to this many entries. */
export const MAX_LIST_DEPTH = 10_000;

/** Query parameters of a list by page. */
export const paging = {
	page: opt({
		...int({ min: 1, max: 1_000_000 }),
		maxDepth: { items: MAX_LIST_DEPTH, pageSize: DEFAULT_PAGE_SIZE },
		about: `page × pageSize ≤ ${MAX_LIST_DEPTH}; deeper in a list leads only \`cursor\``
	}),
	pageSize: opt(int({ min: 1, max: 100 }))
};

/** Query parameters of an unbounded list: `cursor` continues where the last answer ended, at the same cost at any depth. */
export const cursorPaging = { ...paging, cursor: opt(id()) };

/** The fields of the answer of a list by page. */
export const pageFields = <V>(item: Rule<V>) => ({
	items: list(item),
	page: int(),
	pageSize: int(),
	total: int({ min: 0, max: MAX_LIST_DEPTH, about: "Number of entries; 10,000 where there are more" }),
	/** There are more entries than `total`. */
	totalIsAtLeast: opt(bool()),
	nextCursor: opt(orNull(str()))
});

/** The answer of a list by page. */
export const pageOf = <V>(item: Rule<V>) => {
	const { schemaName }: AnyRule = item;
	const fields = pageFields(item);
	return schemaName === undefined ? obj(fields) : obj(`${schemaName}Page`, fields);
};
