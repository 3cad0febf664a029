import { lookup as resolveName } from "node:dns/promises";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { flushCommits, tracing } from "../../mixins/platform";
import { checkAddress, mayCall, type AddressPolicy } from "./public-address";

/** The outcome of one attempt: the status of the answer, or why there was none. */
export type PostOutcome = { readonly status: number | null; readonly error: string | null };

/** Time for one attempt, from resolving the name to the end of the answer's head, in ms. */
export const ATTEMPT_MS = 10_000;
/** So much of an answer is read, so that its connection ends cleanly; what it says does not matter. */
const MAX_ANSWER_BYTES = 16_384;

class PrivateAddressError extends Error {
	override readonly name = "PrivateAddressError";
}

/**
 * Resolves a name for a connection, and refuses it where any of its addresses is not public. The connection goes to the
 * addresses that were checked: the name is not resolved again, so its owner can't exchange them in between.
 */
export const createGuardedLookup =
	(policy: AddressPolicy, resolve = resolveName): LookupFunction =>
	(hostname, options, callback) => {
		resolve(hostname, { ...options, all: true }).then(
			found => {
				const refused = found.find(({ address }) => !mayCall(address, policy));
				if (refused || found.length === 0)
					return callback(new PrivateAddressError(`${hostname} is not a public address`), []);
				const [first] = found;
				return options.all
					? callback(null, found)
					: callback(null, first?.address ?? "", first?.family);
			},
			(err: unknown) => callback(err instanceof Error ? err : new Error(String(err)), [])
		);
	};

/** Posts a delivery. Follows no redirect, and reads no more of the answer than it has to. A failure is a value. */
export async function postDelivery(
	address: string,
	headers: Readonly<Record<string, string>>,
	body: string,
	policy: AddressPolicy,
	timeoutMs = ATTEMPT_MS
): Promise<PostOutcome> {
	const url = checkAddress(address, policy);
	if (!(url instanceof URL)) return { status: null, error: `The address is ${url}` };
	flushCommits();
	const post = (more: Readonly<Record<string, string>>) =>
		sendRequest(url, { ...headers, ...more }, body, policy, timeoutMs);
	return tracing ? tracing.traceExchange({ method: "POST", url: url.href }, post) : post({});
}

function sendRequest(
	url: URL,
	headers: Readonly<Record<string, string>>,
	body: string,
	policy: AddressPolicy,
	timeoutMs: number
): Promise<PostOutcome> {
	const { promise, resolve } = Promise.withResolvers<PostOutcome>();
	const signal = AbortSignal.timeout(timeoutMs);
	const send = url.protocol === "https:" ? requestHttps : requestHttp;
	const request = send(url, {
		method: "POST",
		agent: false, // a connection of its own, whose address was checked
		lookup: createGuardedLookup(policy),
		signal,
		maxHeaderSize: MAX_ANSWER_BYTES,
		headers: {
			"Content-Type": "application/json",
			"Content-Length": Buffer.byteLength(body),
			"User-Agent": "zjMall-Webhooks",
			...headers
		}
	});
	request.once("response", response => {
		discard(response);
		const { statusCode: status = 0 } = response;
		const isGood = status >= 200 && status < 300;
		resolve({ status, error: isGood ? null : `Answered ${status}` });
	});
	request.on("error", err => {
		const error = signal.aborted ? `No answer within ${timeoutMs} ms` : describeError(err);
		resolve({ status: null, error });
	});
	request.end(body);
	return promise;
}

function discard(response: IncomingMessage): void {
	let length = 0;
	response.on("data", (chunk: Buffer) => {
		length += chunk.length;
		if (length > MAX_ANSWER_BYTES) response.destroy();
	});
	response.on("error", () => undefined);
}

const MAX_ERROR_LENGTH = 300;
const describeError = (err: NodeJS.ErrnoException) =>
	`${err.code ?? err.name}: ${err.message}`.slice(0, MAX_ERROR_LENGTH);
