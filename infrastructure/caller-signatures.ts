import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { Caller } from "../schemas/kit/service";
import type { CallerKeys } from "./caller-settings";
import { deriveKey, type Secret } from "./shop-secrets";

/** What a gateway signs: who the user is, and until when (epoch ms) it may be believed. */
type Claims = { readonly user: Caller; readonly until: number };

/** The least life of a signature. It covers a request with its repetitions, and the difference of two machines' clocks. */
const LIFE_MS = 120_000;
const SLACK_MS = 60_000;
/** For so long the same user's signature is used again, so that signing costs nothing. */
const REUSE_MS = 30_000;
const MAX_KEPT = 1000;

/** PKCS #8 in front of the 32 bytes of an Ed25519 key (RFC 8410, section 7). */
const ED25519_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** Keys for a shop that has set none: whoever knows one of its secrets can sign. The first secret is the current one. */
export function deriveCallerKeys(secrets: readonly Secret[]): CallerKeys {
	const [signing = null, ...before] = secrets.map(secret =>
		createPrivateKey({
			key: Buffer.concat([ED25519_PREFIX, deriveKey(secret, "callers")]),
			format: "der",
			type: "pkcs8"
		})
	);
	const all = signing ? [signing, ...before] : before;
	return { signing, accepted: all.map(key => createPublicKey(key)) };
}

/** A map that forgets its oldest entry when it is full. */
class Recent<V> extends Map<string, V> {
	override set(key: string, value: V): this {
		const [oldest] = this.size >= MAX_KEPT && !this.has(key) ? this.keys() : [];
		if (oldest !== undefined) this.delete(oldest);
		return super.set(key, value);
	}
}

/** Signs and verifies in whose name a call is made (Ed25519). Each signature is computed and verified once a process. */
export class CallerSignatures {
	private readonly signed = new Recent<{ readonly token: string; readonly at: number }>();
	private readonly verified = new Recent<Claims>();

	constructor(private readonly keys: CallerKeys) {}

	get canSign(): boolean {
		return this.keys.signing !== null;
	}

	/** A token that vouches for the user while a call of `timeoutMs` runs; null where this process has no key to sign with. */
	sign(user: Caller, timeoutMs: number, now: number): string | null {
		if (!this.keys.signing) return null;
		const text = JSON.stringify(user);
		const kept = this.signed.get(text);
		if (kept && now - kept.at < REUSE_MS && timeoutMs <= SLACK_MS) return kept.token;
		const until = now + Math.max(LIFE_MS, timeoutMs + SLACK_MS);
		const claims = Buffer.from(JSON.stringify({ user, until } satisfies Claims));
		const token = `${claims.toString("base64url")}.${sign(null, claims, this.keys.signing).toString("base64url")}`;
		if (timeoutMs <= SLACK_MS) this.signed.set(text, { token, at: now });
		return token;
	}

	/** The user for whom a gateway has vouched; null if the token is forged or too old. */
	verify(token: unknown, now: number): Caller | null {
		if (typeof token !== "string") return null;
		const claims = this.verified.get(token) ?? this.readSigned(token);
		return claims && now < claims.until ? claims.user : null;
	}

	private readSigned(token: string): Claims | null {
		const [body = "", signature = ""] = token.split(".");
		const claims = Buffer.from(body, "base64url");
		const signatureBytes = Buffer.from(signature, "base64url");
		if (!this.keys.accepted.some(key => verify(null, claims, key, signatureBytes))) return null;
		const read = JSON.parse(claims.toString()) as Claims;
		this.verified.set(token, read);
		return read;
	}
}
