import type { AnyDoc, Collection, Doc, Index } from "./collection";

/** A collection that a service declares in its metadata, with every index that its queries need. */
export type CollectionDeclaration = {
	readonly name: string;
	readonly indexes: readonly Index[];
	/** Reason why queries need no index: the collection only ever holds a few documents. */
	readonly scans?: string;
};

export type OpenCollection = <T extends Doc = AnyDoc>(name: string) => Collection<T>;

/** Metadata of a service with stores. Migrations and invariants read it without starting the service. */
export type StoreMetadata = { readonly collections?: readonly CollectionDeclaration[] };

/** Lists the declared indexes that do not exist, as texts for people. */
export async function findMissingIndexes(
	open: OpenCollection,
	declared: readonly CollectionDeclaration[]
): Promise<string[]> {
	const missing = declared.map(async ({ name, indexes }) =>
		(await filterMissing(open(name), indexes)).map(index => `${name} ${describeIndex(index)}`)
	);
	return (await Promise.all(missing)).flat();
}

/** Creates the declared indexes that do not exist. Rejects at the first that can't be made, naming it. */
export async function createMissingIndexes(
	documents: Pick<Collection<Doc>, "index" | "indexes">,
	{ name, indexes }: CollectionDeclaration
): Promise<void> {
	for (const index of await filterMissing(documents, indexes))
		try {
			await documents.index(index);
		} catch (err) {
			const cause = err instanceof Error ? err.message : String(err);
			throw new Error(`The index ${name} ${describeIndex(index)} can't be made: ${cause}`, {
				cause: err
			});
		}
}

async function filterMissing(
	documents: Pick<Collection<Doc>, "indexes">,
	indexes: readonly Index[]
): Promise<readonly Index[]> {
	const existing = new Set((await documents.indexes()).map(describeIndex));
	return indexes.filter(index => !existing.has(describeIndex(index)));
}

function describeIndex({ keys, unique, sparse }: Index): string {
	const paths = Object.entries(keys).map(([path, direction]) => `${path}: ${direction}`);
	return `{ ${paths.join(", ")} }${unique ? " unique" : ""}${sparse ? " sparse" : ""}`;
}
