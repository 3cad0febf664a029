import type { components } from "./schema.js";

/** What a signed-in client keeps. */
export type Tokens = {
	readonly accessToken: string;
	/** Good for one refresh; the answer brings the next one. */
	readonly refreshToken: string;
	/** When the access token ends, in epoch ms by this machine's clock. */
	readonly expiresAt: number;
};

/** Where a client keeps its tokens between two starts. Null: nobody is signed in. */
export type TokenStore = {
	load(): Tokens | null | Promise<Tokens | null>;
	save(tokens: Tokens | null): void | Promise<void>;
};

/** Keeps tokens in memory: they are gone with the page or process. */
export function createMemoryStore(tokens: Tokens | null = null): TokenStore {
	return {
		load: () => tokens,
		save(next) {
			tokens = next;
		}
	};
}

/** Asks the shop for new tokens; null where the session is over. */
export type Refresh = (refreshToken: string) => Promise<components["schemas"]["Session"] | null>;

/** An access token with less than this left is renewed before it is used. */
const MARGIN_MS = 5_000;

/** The tokens of a client, of which one refresh at a time makes new ones. */
export class ClientSession {
	private refreshing: Promise<Tokens | null> | undefined;

	constructor(
		private readonly store: TokenStore,
		private readonly refresh: Refresh
	) {}

	/** Keeps the tokens of a sign-in. */
	async begin({ accessToken, refreshToken, expiresIn }: components["schemas"]["Session"]): Promise<Tokens> {
		const tokens = { accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1000 };
		await this.store.save(tokens);
		return tokens;
	}

	/** Forgets the tokens, and answers what they were. */
	async end(): Promise<Tokens | null> {
		const tokens = await this.store.load();
		await this.store.save(null);
		return tokens;
	}

	/** An access token for a request, renewed where it is about to end; null where nobody is signed in. */
	async getAccessToken(): Promise<string | null> {
		const tokens = await this.store.load();
		if (!tokens) return null;
		if (tokens.expiresAt - Date.now() > MARGIN_MS) return tokens.accessToken;
		return (await this.renew(tokens.accessToken))?.accessToken ?? null;
	}

	/** New tokens in place of those with the refused access token; null where the session is over. Callers at the same time share one refresh. */
	renew(refused: string): Promise<Tokens | null> {
		this.refreshing ??= withLock(() => this.renewOnce(refused)).finally(
			() => (this.refreshing = undefined)
		);
		return this.refreshing;
	}

	private async renewOnce(refused: string): Promise<Tokens | null> {
		const tokens = await this.store.load();
		// Another tab that shares the store was faster.
		if (!tokens || tokens.accessToken !== refused) return tokens;
		const session = await this.refresh(tokens.refreshToken);
		if (session) return this.begin(session);
		await this.store.save(null);
		return null;
	}
}

type Locks = { request<R>(name: string, work: () => Promise<R>): Promise<R> };

/** Runs the work alone among the tabs of a browser; where there are no locks, at once. */
function withLock<R>(work: () => Promise<R>): Promise<R> {
	const { locks } = (globalThis.navigator as { locks?: Locks } | undefined) ?? {};
	return locks ? locks.request("zjmall-refresh", work) : work();
}
