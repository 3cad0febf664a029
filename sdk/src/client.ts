import createClient, { type Client, type FetchResponse, type MaybeOptionalInit } from "openapi-fetch";
import type { HttpMethod, PathsWithMethod, RequiredKeysOf } from "openapi-typescript-helpers";
import { NoAnswerError, toError } from "./errors.js";
import { followEvents, type FollowOptions, type ShopEvent } from "./event-stream.js";
import { DEFAULT_RETRIES, sendWithRetries, type RetryOptions } from "./retry.js";
import type { components, FactName, operations, paths } from "./schema.js";
import { ClientSession, createMemoryStore, type TokenStore } from "./session.js";

type Media = "application/json";
type Init<I> =
	RequiredKeysOf<I> extends never
		? [(I & { [option: string]: unknown })?]
		: [I & { [option: string]: unknown }];
/** The `data` of a successful answer's envelope. */
type Unwrapped<Answer> = Answer extends { data: infer Data } ? Data : Answer;

/** A method of the client: resolves to the `data` of the answer, or rejects with a ShopError or a NoAnswerError. */
type Method<M extends HttpMethod> = <
	Path extends PathsWithMethod<paths, M>,
	I extends MaybeOptionalInit<paths[Path], M & keyof paths[Path]>
>(
	path: Path,
	...init: Init<I>
) => Promise<
	Unwrapped<NonNullable<FetchResponse<paths[Path][M & keyof paths[Path]] & {}, I, Media>["data"]>>
>;

type Body<Operation extends keyof operations> = operations[Operation] extends {
	requestBody: { content: { "application/json": infer Content } };
}
	? Content
	: never;
type Session = components["schemas"]["Session"];

export type ShopClientOptions = {
	/** Where the shop is, such as `https://shop.example`. */
	readonly baseUrl: string;
	/** Of the messages for people. */
	readonly language?: "zh" | "en";
	/** Where tokens are kept; in memory by default. */
	readonly tokens?: TokenStore;
	readonly retries?: Partial<RetryOptions>;
	readonly fetch?: (request: Request) => Promise<Response>;
};

/** A client of one shop for one user. */
export type ShopClient = {
	readonly GET: Method<"get">;
	readonly POST: Method<"post">;
	readonly PUT: Method<"put">;
	readonly PATCH: Method<"patch">;
	readonly DELETE: Method<"delete">;
	/** Signs in with a password; later requests are this user's. */
	signIn(credentials: Body<"auth_login">): Promise<Session>;
	/** Signs in with a code by SMS. */
	signInBySms(credentials: Body<"auth_loginBySms">): Promise<Session>;
	/** Opens an account and signs in. */
	register(account: Body<"auth_register">): Promise<Session>;
	/** Forgets the tokens, and ends the session at the shop. */
	signOut(): Promise<void>;
	/** The changes of the user's orders, payments, cases and parcels. */
	followEvents(options?: FollowOptions): AsyncGenerator<ShopEvent>;
	/** For admins: every fact of the topics, such as `order.*`. */
	followEvents(
		options: FollowOptions & { readonly topics: readonly string[] }
	): AsyncGenerator<ShopEvent<FactName>>;
};

const OWN_EVENTS = "/api/v1/events";
const ALL_EVENTS = "/api/v1/admin/events";
const REFRESH = "/api/v1/auth/refresh";

/** Creates a client. Nothing is sent before its first use. */
export function createShopClient(options: ShopClientOptions): ShopClient {
	const { baseUrl, language, tokens = createMemoryStore() } = options;
	const retries = { ...DEFAULT_RETRIES, ...options.retries };
	const send = options.fetch ?? ((request: Request) => fetch(request));
	const headers = language ? { "Accept-Language": language } : {};

	// Without the session, since it makes the session's tokens.
	const anonymous = createClient<paths, Media>({
		baseUrl,
		headers,
		fetch: request => sendWithRetries(send, request, retries)
	});
	const session = new ClientSession(tokens, async refreshToken => {
		const { data, error, response } = await answerOf(anonymous.POST(REFRESH, { body: { refreshToken } }));
		if (data) return data.data;
		if (response.status === 401 || response.status === 403) return null;
		throw toError(error, response);
	});
	const sendSignedIn = createSignedInSend(session, send);
	const client = createClient<paths, Media>({
		baseUrl,
		headers,
		fetch: request => sendWithRetries(sendSignedIn, request, retries)
	});

	const signInWith = async (answer: Promise<Answer<{ data: Session }>>) => {
		const signedIn = await unwrap<Session>(answer);
		await session.begin(signedIn);
		return signedIn;
	};
	return {
		GET: createMethod(client, "GET"),
		POST: createMethod(client, "POST"),
		PUT: createMethod(client, "PUT"),
		PATCH: createMethod(client, "PATCH"),
		DELETE: createMethod(client, "DELETE"),
		signIn: body => signInWith(anonymous.POST("/api/v1/auth/login", { body })),
		signInBySms: body => signInWith(anonymous.POST("/api/v1/auth/login-by-sms", { body })),
		register: body => signInWith(anonymous.POST("/api/v1/auth/register", { body })),
		async signOut() {
			const ended = await session.end();
			if (!ended) return;
			const { refreshToken } = ended;
			await unwrap(anonymous.POST("/api/v1/auth/logout", { body: { refreshToken } }));
		},
		followEvents({ topics, ...follow }: FollowOptions & { readonly topics?: readonly string[] } = {}) {
			const url = new URL(topics ? ALL_EVENTS : OWN_EVENTS, baseUrl);
			if (topics) url.searchParams.set("topic", topics.join(","));
			return followEvents(async (lastEventId, signal) => {
				const resume = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
				const request = new Request(url, { signal, headers: { ...headers, ...resume } });
				const response = await sendSignedIn(request);
				if (response.ok) return response;
				throw toError(await response.json().catch(() => null), response);
			}, follow) as AsyncGenerator<ShopEvent>;
		}
	};
}

/** A key for one intended effect, such as one order. Keep it until you know the outcome, and send it again with each try. */
export const createIdempotencyKey = (): string => crypto.randomUUID();

/** Sends requests with the session's access token. One that the shop no longer accepts is renewed, and the request sent once more. */
function createSignedInSend(session: ClientSession, send: (request: Request) => Promise<Response>) {
	const sendWith = (request: Request, token: string | null) => {
		if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
		return send(request);
	};
	return async (request: Request): Promise<Response> => {
		if (request.headers.has("Authorization")) return send(request);
		const token = await session.getAccessToken();
		if (token === null) return sendWith(request, null);
		const again = request.clone();
		const response = await sendWith(request, token);
		if (response.status !== 401 || !(await isTokenRefused(response))) return response;
		const renewed = await session.renew(token);
		if (!renewed) return response;
		await response.body?.cancel();
		return sendWith(again, renewed.accessToken);
	};
}

/** Whether the token was refused, and not a password or code in the request's body. */
async function isTokenRefused(response: Response): Promise<boolean> {
	const body = (await response
		.clone()
		.json()
		.catch(() => null)) as { code?: unknown } | null;
	return body?.code === "TOKEN_EXPIRED" || body?.code === "UNAUTHORIZED";
}

type Answer<Data> = { readonly data?: Data; readonly error?: unknown; readonly response: Response };

const createMethod = <M extends HttpMethod>(client: Client<paths, Media>, name: Uppercase<M>) =>
	((path: string, init?: object) => {
		const call = client[name] as unknown as (path: string, init?: object) => Promise<Answer<unknown>>;
		return unwrap(call(path, init));
	}) as unknown as Method<M>;

/** The `data` of an answer's envelope; a text as it is. */
async function unwrap<Data>(answer: Promise<Answer<unknown>>): Promise<Data> {
	const { data, error, response } = await answerOf(answer);
	if (!response.ok) throw toError(error, response);
	const isEnvelope = typeof data === "object" && data !== null && "data" in data;
	return (isEnvelope ? data.data : data) as Data;
}

/** Turns a failure of the network, or an answer that can't be read, into a NoAnswerError. */
async function answerOf<A>(answer: Promise<A>): Promise<A> {
	try {
		return await answer;
	} catch (err) {
		const isFailure = err instanceof TypeError || err instanceof SyntaxError;
		throw isFailure ? new NoAnswerError("The shop did not answer", { cause: err }) : err;
	}
}
