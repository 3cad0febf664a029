import type { CallingOptions, Context, Service, ServiceSchema } from "moleculer";
import type { AnswerOf, Contract, Message, PayloadOf, Role } from "./contract";
import type { Phantom, TypeOf } from "./rules";

/** A signed-in user, as `auth.authenticate` answers. */
export type Caller = {
	readonly id: string;
	readonly roles: readonly Role[];
	readonly sessionId: string;
	/** ISO 8601: until then the session has proved who uses it (`schemas/values/step-up.ts`). */
	readonly stepUpUntil?: string | undefined;
	/** True for staff without a second factor where `security.staffTotp` demands one. */
	readonly needsTotp?: boolean | undefined;
};

/** Data that travels with every call and with the calls that its handler makes. */
export type Meta = {
	/** The signed-in caller. */
	user?: Caller | null;
	/** On the bus: the gateway's signature for `user`. */
	signedUser?: string;
	ip?: string;
	/** The client's User-Agent. */
	device?: string;
	/** Account that this request proved to own without being signed in (log-in, reset of a password); for the audit log. */
	provenId?: string;
	/** When the gateway received the request, ISO 8601. */
	receivedAt?: string;
	lang?: "zh" | "en";
	/** When the fact that a handler handles was stored, ISO 8601. */
	factAt?: string;
	/** The guest's cart, from the header `X-Cart-Id`. */
	cartId?: string;
	/** The call belongs to an order's life, so it is traced. */
	ofOrder?: boolean;
	/** Of the handler of a fact: the number of the attempt, from 1. */
	attempt?: number;
	/** Headers for the HTTP response. */
	$responseHeaders?: Record<string, string>;
};
export type Ctx<P> = Context<P, Meta>;

/** A mixin that puts the members `V` on `this`. */
export type Mixin<V = object> = Partial<ServiceSchema> & Phantom<V>;

type Intersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;
type ServiceThis<M extends readonly Mixin[]> = ThisType<Service & Intersection<TypeOf<M[number]>>>;
type ActionOptions = Omit<
	Extract<NonNullable<ServiceSchema["actions"]>[string], { handler?: unknown }>,
	"params" | "handler"
>;
type Handler<A> = { handler(ctx: Ctx<PayloadOf<A>>): Promise<AnswerOf<A>> };
type ServiceBody<C extends Contract, E, M extends readonly Mixin[]> = Pick<
	ServiceSchema,
	"settings" | "dependencies"
> & {
	started?(): Promise<void>;
	stopped?(): Promise<void>;
} & ServiceThis<M> & {
		mixins: M;
		actions: { [K in keyof C["actions"]]: ActionOptions & Handler<C["actions"][K]> } & ServiceThis<M>;
		events?: { [K in keyof E]?: (ctx: Ctx<PayloadOf<E[K]>>) => Promise<void> } & ServiceThis<M>;
	};

/** Makes `service` and `call` for this catalogue of actions `A` and facts `E`, so that both are checked by the compiler. */
export function bindCatalogue<A, E extends Readonly<Record<string, Message<unknown>>>>(
	facts: E,
	/** The services of the catalogue. Gateways know their routes; those of other services travel with their actions. */
	known: Readonly<Record<string, Contract>>
) {
	/** A Moleculer service whose actions and fact handlers are checked against the contract, here and at run time. */
	function service<C extends Contract, const M extends readonly Mixin[]>(
		contract: C,
		body: ServiceBody<C, E, M>
	): ServiceSchema {
		const actions = Object.entries(body.actions).map(([name, definition]: [string, object]) => {
			const { params, answer, repeatable, http } = contract.actions[name] ?? {};
			const visibility = http ? "published" : "public";
			const retryPolicy = { enabled: repeatable };
			const route = http && !Object.hasOwn(known, contract.name) && { http };
			return [name, { visibility, ...definition, params, answer, retryPolicy, ...route }];
		});
		const handlers = Object.entries(body.events ?? {}).map(([name, handler]) => [
			name,
			{ handler, params: facts[name]?.params }
		]);
		const schema = {
			...body,
			name: contract.name,
			actions: Object.fromEntries(actions) as Record<string, object>,
			events: Object.fromEntries(handlers) as Record<string, object>
		};
		return schema as unknown as ServiceSchema; // Moleculer's own types stop here
	}

	type CallTarget = { call<R, P>(action: string, params: P, opts?: CallingOptions): Promise<R> };
	/** `broker.call` or `ctx.call`, checked against the contract. */
	const call = <K extends keyof A & string>(
		via: CallTarget,
		name: K,
		params: PayloadOf<A[K]>,
		opts?: CallingOptions
	) => via.call<AnswerOf<A[K]>, PayloadOf<A[K]>>(name, params, opts);

	return { service, call };
}
