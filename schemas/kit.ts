import type { CallingOptions, Context, Service, ServiceSchema } from "moleculer";
import { DAY, INSTANT } from "./calendar";
import type { RefusalType } from "./errors";

declare const carried: unique symbol; // known to the compiler only; no value ever has it
type Carries<V> = { readonly [carried]?: () => V };
type Of<X> = X extends Carries<infer V> ? V : never;
export type Rule<V> = Carries<V> & { readonly type: string; readonly [option: string]: unknown };
type Shape = Readonly<Record<string, Rule<unknown>>>;
type Optional<S> = { [K in keyof S]: undefined extends Of<S[K]> ? K : never }[keyof S];
type Params<S> = { readonly [K in Exclude<keyof S, Optional<S>>]: Of<S[K]> } & {
	readonly [K in Optional<S>]?: Of<S[K]>;
};
type Size = { min?: number; max?: number };
/** The TypeScript type of an object with these fields. */
export type FieldsOf<S extends Shape> = Params<S>;
/** The TypeScript type that a rule stands for. */
export type TypeOf<R> = Of<R>;

// Rules: plain fastest-validator rules that carry their type. `nullable: false` because the validator is told to take
// null for a value, so that only `orNull` lets one in.
const given = { nullable: false };
export const str = (o: Size & { pattern?: RegExp; about?: string } = {}): Rule<string> => ({
	type: "string",
	empty: false,
	...given,
	...o
});
/** A text that may be empty. */
export const text = (o: Size & { about?: string } = {}): Rule<string> => ({ type: "string", ...given, ...o });
export const int = (o: Size & { about?: string } = {}): Rule<number> => ({
	type: "number",
	integer: true,
	min: Number.MIN_SAFE_INTEGER,
	max: Number.MAX_SAFE_INTEGER,
	...given,
	...o
});
/** A number with decimals: ratings, ratios. Never money. */
export const num = (o: Size = {}): Rule<number> => ({ type: "number", ...given, ...o });
export const bool = (): Rule<boolean> => ({ type: "boolean", ...given });
export const oneOf = <const V extends string>(...values: readonly V[]): Rule<V> => ({
	type: "enum",
	values,
	...given
});
export const list = <V>(items: Rule<V>, o: Size & { unique?: boolean } = {}): Rule<readonly V[]> => ({
	type: "array",
	items,
	...given,
	...o
});
/** A list, for which a single item may stand. */
export const oneOrMore = <V>(items: Rule<V>, o: Size = {}): Rule<readonly V[]> => ({
	...list(items, { min: 1, ...o }),
	convert: true
});
export const obj = <S extends Shape>(props: S): Rule<Params<S>> => ({
	type: "object",
	strict: true,
	props,
	...given
});
/** A key that a document can have as a field, and an object as a plain one, and that fits the pattern. */
const keyPattern = ({ source, flags }: RegExp) =>
	new RegExp(`^(?!__proto__$|constructor$|prototype$|\\$)${source.replace(/^\^/, "")}`, flags);
/** A dictionary with free keys; `keys` is a pattern from the beginning to the end of a key, `max` the number of entries. */
export const record = <V>(
	value: Rule<V>,
	{ keys = /^[^\0]*$/, ...o }: { keys?: RegExp; max?: number; about?: string } = {}
): Rule<Readonly<Record<string, V>>> => ({
	type: "record",
	key: { type: "string", max: 64, pattern: keyPattern(keys) },
	value,
	...given,
	...o
});
/** Anything JSON can hold; for values whose rule is known only at run time. */
export const any = (): Rule<unknown> => ({ type: "any", nullable: true });
export const opt = <V>(rule: Rule<V>): Rule<V | undefined> => ({ ...rule, optional: true });
export const orNull = <V>(rule: Rule<V>): Rule<V | null> => ({ ...rule, nullable: true });
export const nothing: Rule<null> = { type: "equal", value: null, nullable: true };

// Rules of the domain's own words.
export const id = (about?: string): Rule<string> =>
	str({ min: 1, max: 64, pattern: /^[\w.:-]+$/, ...(about && { about }) });
/** Integer fen, at most ten million yuan, so that sums stay exact. */
export const fen = (o: Size = {}): Rule<number> => int({ min: 0, max: 1_000_000_000, ...o, about: "fen" });
export const quantity = (): Rule<number> => int({ min: 1, max: 9999 });
/** An instant: ISO 8601 in UTC on the wire. */
export const time = (): Rule<string> => ({
	...str({ max: 30, pattern: new RegExp(`^${INSTANT}$`) }),
	format: "date-time"
});
/** A day of the calendar, `2000-02-29`. */
export const day = (): Rule<string> => ({
	...str({ max: 10, pattern: new RegExp(`^${DAY}$`) }),
	format: "date"
});
export const currency = (): Rule<string> => str({ pattern: /^[A-Z]{3}$/ });

/** Query parameters of a list within a range of time, half-open: ranges that follow each other share no entry. */
export const timeRange = {
	from: opt({ ...time(), about: "The earliest time that is listed: from ≤ time" }),
	to: opt({ ...time(), about: "The first time that is no longer listed: time < to" })
};

/** Query parameters of a list by page. */
export const paging = {
	page: opt(int({ min: 1, max: 1_000_000 })),
	pageSize: opt(int({ min: 1, max: 100 }))
};
/** The same for a list without bound: `cursor` goes on where the last answer ended, at any depth for the same cost. */
export const cursorPaging = { ...paging, cursor: opt(id()) };
export const pageOf = <V>(item: Rule<V>) =>
	obj({
		items: list(item),
		page: int(),
		pageSize: int(),
		total: int({ min: 0 }),
		nextCursor: opt(orNull(str()))
	});

/** Roles of staff and shoppers; `admin` may do all. */
export const ROLES = ["customer", "merchandiser", "warehouse", "support", "admin"] as const;
export type Role = (typeof ROLES)[number];
/** Who may call a route: anyone; anyone, and a token is honoured when sent; the signed-in; holders of a role. */
export type Policy = "public" | "guest" | "user" | readonly Role[];
export type Http = {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Under `/api/v1`, unless `root`. */
	readonly path: string;
	readonly policy: Policy;
	/** One line for the OpenAPI document and the REPL. */
	readonly about: string;
	readonly status: 200 | 201;
	/** Needs an `Idempotency-Key`, which becomes the parameter `key`. */
	readonly keyed: boolean;
	/** The action sees the bare request and answers the bare response (`rawRequest`, `rawResponse`): no envelope. */
	readonly raw: boolean;
	/** Takes one image as multipart/form-data under this field; the action gets it re-encoded, base64, as parameter `image`. */
	readonly upload: string | undefined;
	readonly root: boolean;
	/** So many requests of the route a gateway works on at a time; the others wait their turn, or are told to come again. */
	readonly atOnce: number;
	/** Each use is in the audit log, whatever came of it: writes of staff, and what says so. */
	readonly audited: boolean;
	/** Refusals of its own, beside those that every route can answer. */
	readonly errors: readonly RefusalType[];
};

type Message<P> = Carries<P> & { readonly params: Readonly<Record<string, Rule<unknown> | boolean>> };
export type Action<P = unknown, R = unknown> = Message<P> & {
	readonly answer: Rule<R>;
	/** Doing it twice is like doing it once, so that a call may be retried after a time-out. */
	readonly repeatable: boolean;
	readonly http?: Http;
};
export type Contract = { readonly name: string; readonly actions: Readonly<Record<string, Action>> };

/** A fact: kept on an outbox and delivered at least once. Open: a publisher may add fields. */
export const event = <S extends Shape>(params: S): Message<Params<S>> => ({ params });
/** Closed: an unknown parameter is refused. The answer is a rule as well: OpenAPI, the allow-list of what may leave, the type. */
export const action = <S extends Shape>(params: S, { repeatable = false } = {}) => ({
	returns<R>(answer: Rule<R>) {
		const bare: Action<Params<S>, R> = { params: { $$strict: true, ...params }, answer, repeatable };
		return {
			...bare,
			/** Publishes the action at the gateway. */
			rest(
				route: `${Http["method"]} /${string}`,
				policy: Policy,
				about: string,
				o: Partial<Omit<Http, "method" | "path" | "policy" | "about">> = {}
			): Action<Params<S>, R> {
				const [method, path] = route.split(" ") as [Http["method"], string];
				const common = {
					status: 200,
					keyed: false,
					raw: false,
					upload: undefined,
					root: false,
					atOnce: Infinity,
					audited: typeof policy !== "string" && method !== "GET",
					errors: []
				} as const;
				const http = { method, path, policy, about, ...common, ...o };
				// A key makes one effect of any number of tries.
				return { ...bare, repeatable: repeatable || method === "GET" || http.keyed, http };
			}
		} satisfies Action<Params<S>, R> & { rest: unknown };
	}
});
export const contract = <const N extends string, A extends Contract["actions"]>(name: N, actions: A) => ({
	name,
	actions
});
export type ActionsOf<C extends Contract> = {
	[K in keyof C["actions"] & string as `${C["name"]}.${K}`]: C["actions"][K];
};
export type PayloadOf<M> = M extends Message<infer P> ? P : never;
export type AnswerOf<A> = A extends { readonly answer: Rule<infer R> } ? R : never;

/** What travels with every call: who asks, from where, in which language. */
export type Meta = {
	user?: { readonly id: string; readonly roles: readonly Role[]; readonly sessionId: string } | null;
	ip?: string;
	/** Who has just proved to be, without being signed in; for the audit log. */
	provenId?: string;
	/** When the gateway had the request, ISO. */
	receivedAt?: string;
	lang?: "zh" | "en";
	/** The guest's cart, from the header `X-Cart-Id`. */
	cartId?: string;
	/** This is part of an order's life, which is traced. */
	ofOrder?: boolean;
	/** Headers for the answer. */
	$responseHeaders?: Record<string, string>;
};
export type Ctx<P> = Context<P, Meta>;

export type Mixin<V = object> = Partial<ServiceSchema> & Carries<V>; // V: the members it puts on `this`
type Meet<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;
type This<M extends readonly Mixin[]> = ThisType<Service & Meet<Of<M[number]>>>;
type Options = Omit<
	Extract<NonNullable<ServiceSchema["actions"]>[string], { handler?: unknown }>,
	"params" | "handler"
>;
type Base<M extends readonly Mixin[]> = Pick<ServiceSchema, "settings" | "dependencies"> & {
	started?(): Promise<void>;
	stopped?(): Promise<void>;
} & This<M>;
type Handler<A> = { handler(ctx: Ctx<PayloadOf<A>>): Promise<AnswerOf<A>> };
type Body<C extends Contract, E, M extends readonly Mixin[]> = Base<M> & {
	mixins: M;
	actions: { [K in keyof C["actions"]]: Options & Handler<C["actions"][K]> } & This<M>;
	events?: { [K in keyof E]?: (ctx: Ctx<PayloadOf<E[K]>>) => Promise<void> } & This<M>;
};
/** Ties the services and the callers to the catalogue of actions and events. */
export function bind<A, E extends Readonly<Record<string, Message<unknown>>>>(events: E) {
	/** A Moleculer service whose actions and events are checked against the contract, here and at run time. */
	function service<C extends Contract, const M extends readonly Mixin[]>(
		c: C,
		body: Body<C, E, M>
	): ServiceSchema {
		const actions = Object.entries(body.actions).map(([name, def]: [string, object]) => {
			const { params, answer, repeatable, http } = c.actions[name] ?? {};
			const visibility = http ? "published" : "public";
			return [name, { visibility, ...def, params, answer, retryPolicy: { enabled: repeatable } }];
		});
		const heard = Object.entries(body.events ?? {}).map(([name, handler]) => [
			name,
			{ handler, params: events[name]?.params }
		]);
		const built = {
			...body,
			name: c.name,
			actions: Object.fromEntries(actions) as Record<string, object>,
			events: Object.fromEntries(heard) as Record<string, object>
		};
		return built as unknown as ServiceSchema; // Moleculer's own types stop here
	}
	type Caller = { call<R, P>(action: string, params: P, opts?: CallingOptions): Promise<R> };
	/** `broker.call` or `ctx.call`, checked against the contract. */
	const call = <K extends keyof A & string>(
		via: Caller,
		name: K,
		params: PayloadOf<A[K]>,
		opts?: CallingOptions
	) => via.call<AnswerOf<A[K]>, PayloadOf<A[K]>>(name, params, opts);
	return { service, call };
}
