import { setTimeout as pause } from "node:timers/promises";
import type { SearchEngineClient } from "../../../mixins/platform";
import type { IndexStore, OpenedIndex } from "../catalogue-index";
import { TimeSlice } from "../time-slice";
import { ExternalIndex } from "./external-index";
import { DOCUMENT_VERSION, INDEX_SETTINGS, IS_SHOWN, MAPPINGS } from "./index-document.domain";
import { LocalCatalogue } from "./local-catalogue.domain";

const NOT_FOUND = 404;
const BAD_REQUEST = 400;
const PAGE = 2000;
/** Making, switching and deleting indexes changes the state of the cluster, which takes longer than a search. */
const TIMEOUT_MS = 30_000;
const OTHERS_POLL_MS = 1000;
/** The build of another process that has stored nothing for so long is given up. */
const STUCK_MS = 60_000;

/** Kept with each index. */
type Meta = { readonly position: string; readonly builtAt: string };
type Shown = { readonly version: number; readonly name: string; readonly values: readonly string[] };

/**
 * Indexes in a search engine, `<prefix>products-v1-<n>`, and the alias `<prefix>products-v1` of the one in use. Every process
 * that uses the index fills it, so each takes part in whatever another one has begun.
 */
export class ExternalIndexes implements IndexStore {
	private readonly alias: string;
	private readonly local = new LocalCatalogue();
	private live: ExternalIndex | null = null;
	private builtAt = "";

	constructor(
		private readonly client: SearchEngineClient,
		private readonly stopping: AbortSignal
	) {
		this.alias = `${client.prefix}products-v${DOCUMENT_VERSION}`;
	}

	async open(): Promise<OpenedIndex | null> {
		const name = await this.findLive();
		if (name === null) return null;
		const { body } = await this.client.send<Record<string, { mappings: { _meta?: Meta } }>>({
			method: "GET",
			path: `${name}/_mapping`
		});
		const meta = body[name]?.mappings._meta;
		if (!meta) return null;
		this.builtAt = meta.builtAt;
		const index = new ExternalIndex(this.client, this.alias, this.local);
		await this.readWords();
		await index.measure();
		this.live = index;
		return { index, position: meta.position, builtAt: new Date(meta.builtAt) };
	}

	async create(): Promise<ExternalIndex | null> {
		const live = await this.findLive();
		const name = `${this.alias}-${numberOf(live) + 1}`;
		const { status, body } = await this.client.send({
			method: "PUT",
			path: name,
			body: { settings: INDEX_SETTINGS, mappings: MAPPINGS },
			timeoutMs: TIMEOUT_MS,
			expected: [BAD_REQUEST]
		});
		if (status !== BAD_REQUEST) return new ExternalIndex(this.client, name, this.local);
		if (!JSON.stringify(body).includes("resource_already_exists_exception"))
			throw new Error(`The search engine makes no index: ${JSON.stringify(body)}`);
		await this.waitForOther(name);
		return null;
	}

	async activate(built: ExternalIndex, position: string): Promise<void> {
		const former = await this.findLive();
		const { name } = built;
		await this.client.send({ method: "POST", path: `${name}/_refresh`, timeoutMs: TIMEOUT_MS });
		this.builtAt = new Date().toISOString();
		await this.writeMeta(name, position);
		const actions = [
			{ add: { index: name, alias: this.alias, is_write_index: true } },
			...(former === null ? [] : [{ remove: { index: former, alias: this.alias } }])
		];
		await this.client.send({
			method: "POST",
			path: "_aliases",
			body: { actions },
			timeoutMs: TIMEOUT_MS
		});
		if (former !== null) await this.delete(former);
		built.name = this.alias;
		this.live = built;
		await built.measure();
	}

	async savePosition(position: string): Promise<void> {
		const name = await this.findLive();
		if (name === null || !this.live) return;
		await this.writeMeta(name, position);
		await this.live.measure();
	}

	/** The name of the index in use; null where there is none. */
	private async findLive(): Promise<string | null> {
		const { status, body } = await this.client.send<Readonly<Record<string, unknown>>>({
			method: "GET",
			path: `_alias/${this.alias}`,
			expected: [NOT_FOUND]
		});
		return status === NOT_FOUND ? null : (Object.keys(body)[0] ?? null);
	}

	private async writeMeta(name: string, position: string): Promise<void> {
		const meta: Meta = { position, builtAt: this.builtAt };
		await this.client.send({
			method: "PUT",
			path: `${name}/_mapping`,
			body: { _meta: meta },
			timeoutMs: TIMEOUT_MS,
			expected: [NOT_FOUND]
		});
	}

	private async delete(name: string): Promise<void> {
		await this.client.send({
			method: "DELETE",
			path: name,
			timeoutMs: TIMEOUT_MS,
			expected: [NOT_FOUND]
		});
	}

	/** Resolves when the index is in use, or is gone. Deletes one that nobody goes on building. */
	private async waitForOther(name: string): Promise<void> {
		let count = -1;
		let grewAt = performance.now();
		while (!this.stopping.aborted && (await this.findLive()) !== name) {
			const { status, body } = await this.client.send<{ count: number }>({
				method: "GET",
				path: `${name}/_count`,
				expected: [NOT_FOUND]
			});
			if (status === NOT_FOUND) return;
			if (body.count !== count) grewAt = performance.now();
			count = body.count;
			if (performance.now() > grewAt + STUCK_MS) return this.delete(name);
			await pause(OTHERS_POLL_MS, undefined, { signal: this.stopping }).catch(() => undefined);
		}
	}

	/** Reads the words of all products from the index in use. */
	private async readWords(): Promise<void> {
		const slice = new TimeSlice();
		for (let after: string | undefined; !this.stopping.aborted;) {
			const { body } = await this.client.send<{
				hits: { hits: readonly { _id: string; _source: { shown: Shown } }[] };
			}>({
				method: "POST",
				path: `${this.alias}/_search`,
				body: {
					size: PAGE,
					query: IS_SHOWN,
					sort: [{ id: "asc" }],
					_source: ["shown"],
					track_total_hits: false,
					...(after !== undefined && { search_after: [after] })
				},
				timeoutMs: TIMEOUT_MS
			});
			for (const { _id, _source } of body.hits.hits) {
				const { version, name, values } = _source.shown;
				this.local.noteWords(_id, version, name, values);
				await slice.yieldIfOver();
			}
			after = body.hits.hits.at(-1)?._id;
			if (after === undefined) return;
		}
	}
}

/** The number at the end of an index's name; 0 where there is no index. */
const numberOf = (name: string | null): number => Number(/-(\d+)$/.exec(name ?? "")?.[1] ?? 0);
