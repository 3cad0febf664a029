import type { RefusalType } from "../errors/error-codes";
import type { FieldsOf, Phantom, Rule, Shape } from "./rules";

/** Where the gateway serves the routes of the contracts. */
export const API_BASE = "/api/v1";

/** Roles of staff and shoppers; `admin` may do all. */
export const ROLES = ["customer", "merchandiser", "warehouse", "support", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Callers that a route admits: `public` anyone, `guest` anyone (a token is checked when sent), `user` the signed-in, or roles. */
export type Policy = "public" | "guest" | "user" | readonly Role[];

/** A form with one picture. Its text fields become parameters; those that the contract does not know are ignored. */
export type PictureForm = {
	/** The field of the file. */
	readonly field: string;
	/** Largest file. */
	readonly maxBytes: number;
	/** Longest edge of the re-encoded picture in pixels; a larger picture is made smaller. */
	readonly maxEdge: number;
};

/** A form with one file of any size, which the gateway hands on in pieces before it calls the action. */
export type FileForm = {
	/** The field of the file. */
	readonly field: string;
	readonly maxBytes: number;
	readonly pieceBytes: number;
	/** The action that gets each piece: `{file, n, data}`, the file's id, the number of the piece from 0, its bytes in base64. */
	readonly append: string;
};

/** How the gateway publishes an action. */
export type Http = {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Under `API_BASE`, unless `root`. */
	readonly path: string;
	readonly policy: Policy;
	/** One line for the OpenAPI document and the REPL. */
	readonly about: string;
	readonly status: 200 | 201;
	/** Requires the header `Idempotency-Key`, which becomes the parameter `key`. */
	readonly keyed: boolean;
	/** The action itself answers a repeated key by its first answer (`runKeyed`), so the gateway claims no key for it. */
	readonly replays: boolean;
	/** Passes the bare request to the action and the bare response back (`rawRequest`, `rawResponse`), without envelope. */
	readonly raw: boolean;
	/** The body is multipart/form-data with one picture; the action gets it re-encoded, base64, as `image`. */
	readonly upload: PictureForm | undefined;
	/** The body is multipart/form-data with one file; the action gets the id under which its pieces were handed on, as `file`. */
	readonly file: FileForm | undefined;
	/**
	 * The answer is a file of this type and name, without envelope. The action answers `{text, state}` and is called again with
	 * that `state` until it is null.
	 */
	readonly pieces: { readonly type: string; readonly filename: string } | undefined;
	/** Longest time of the action where the usual time of a request is too short. */
	readonly maxMs: number | undefined;
	readonly root: boolean;
	/** Counts against the limits per IP address (`limits.*`). */
	readonly limited: boolean;
	/** Takes its parameters from a body, not from the query. Default for every method but GET and DELETE. */
	readonly hasBody: boolean;
	/** Largest number of requests that one gateway works on at a time; further ones wait in a queue, or get 503. */
	readonly maxConcurrency: number;
	/** Records each use in the audit log, whatever its outcome. Default for writes of staff. */
	readonly audited: boolean;
	/** Requires a session that proved within the last minutes who uses it; else STEP_UP_REQUIRED. */
	readonly stepUp: boolean;
	/**
	 * Tags of a public answer: gateways may keep the answer for a moment, until a service tells that one of these has changed
	 * (`mixins/cache.mixin.ts`). `products <id>` is one product, `products` any of them.
	 */
	readonly cacheTags: ((answer: never) => readonly string[]) | undefined;
	/** Refusals of this route, beside those that every route can answer. */
	readonly errors: readonly RefusalType[];
};

export type Message<P> = Phantom<P> & { readonly params: Readonly<Record<string, Rule<unknown> | boolean>> };
export type Action<P = unknown, R = unknown> = Message<P> & {
	readonly answer: Rule<R>;
	/** Running the action twice has the effect of running it once, so a call may be retried after a time-out. */
	readonly repeatable: boolean;
	readonly http?: Http;
};
export type Contract = { readonly name: string; readonly actions: Readonly<Record<string, Action>> };

/** The actions of a contract under their full names, `orders.create`. */
export type ActionsOf<C extends Contract> = {
	[K in keyof C["actions"] & string as `${C["name"]}.${K}`]: C["actions"][K];
};
export type PayloadOf<M> = M extends Message<infer P> ? P : never;
export type AnswerOf<A> = A extends { readonly answer: Rule<infer R> } ? R : never;

/** A fact: its payload, what it means, and whom it concerns. */
export type Event<P = unknown> = Message<P> & {
	/** What happened, as a sentence for the event catalogue. */
	readonly about?: string;
	/** The field of the payload that names the user whom it concerns: `GET /events` shows the fact to this user. */
	readonly user?: string | undefined;
};

/**
 * Declares a fact: stored in an outbox and delivered at least once. Its payload is open: a publisher may add fields.
 * `event({ … }).means("What happened", { user: "userId" })` describes it for the event catalogue and for live events.
 */
export const event = <S extends Shape>(params: S) => ({
	...({ params } satisfies Event<FieldsOf<S>> as Event<FieldsOf<S>>),
	means: (about: string, { user }: { readonly user?: keyof S & string } = {}): Event<FieldsOf<S>> => ({
		params,
		about,
		user
	})
});

/** A route of which nothing is said but its method, path and policy. */
export const PLAIN_ROUTE = {
	status: 200,
	keyed: false,
	replays: false,
	raw: false,
	upload: undefined,
	file: undefined,
	pieces: undefined,
	maxMs: undefined,
	root: false,
	limited: true,
	maxConcurrency: Infinity,
	stepUp: false,
	cacheTags: undefined,
	errors: []
} as const satisfies Partial<Http>;

/**
 * Declares an action: `action(params).returns(answer).rest("GET /path", policy, about)`, the last only for a published one.
 * Unknown parameters are refused. The answer's rule also gives the OpenAPI schema and the fields that may leave the gateway.
 */
export const action = <S extends Shape>(params: S, { repeatable = false } = {}) => ({
	returns<R>(answer: Rule<R>) {
		const unpublished: Action<FieldsOf<S>, R> = {
			params: { $$strict: true, ...params },
			answer,
			repeatable
		};
		return {
			...unpublished,
			/** Publishes the action at the gateway. */
			rest(
				route: `${Http["method"]} /${string}`,
				policy: Policy,
				about: string,
				options: Partial<Omit<Http, "method" | "path" | "policy" | "about" | "cacheTags">> & {
					readonly cacheTags?: (answer: R) => readonly string[];
				} = {}
			): Action<FieldsOf<S>, R> {
				const [method, path] = route.split(" ") as [Http["method"], string];
				const defaults = {
					...PLAIN_ROUTE,
					hasBody: method !== "GET" && method !== "DELETE",
					audited: typeof policy !== "string" && method !== "GET"
				};
				const http = { method, path, policy, about, ...defaults, ...options };
				// An idempotency key makes retries safe.
				return { ...unpublished, repeatable: repeatable || method === "GET" || http.keyed, http };
			}
		} satisfies Action<FieldsOf<S>, R> & { rest: unknown };
	}
});

/** Names a service and its actions. */
export const contract = <const N extends string, A extends Contract["actions"]>(name: N, actions: A) => ({
	name,
	actions
});
