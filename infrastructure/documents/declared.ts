import type { AnyDoc, Collection, Doc, Index } from "./collection";

/** A collection as its service declares it in its metadata: with every index that its queries need. */
export type CollectionDeclaration = {
	readonly name: string;
	readonly indexes: readonly Index[];
	/** Why its queries may look at every document: there are only ever a few. */
	readonly scans?: string;
};

export type OpenCollection = <T extends Doc = AnyDoc>(name: string) => Collection<T>;

/** Every service with stores says here which collections it has, for whoever needs to know without starting it. */
export type StoreMetadata = { readonly collections?: readonly CollectionDeclaration[] };

/** The declared indexes that are not there, in words. */
export async function findMissingIndexes(
	open: OpenCollection,
	declared: readonly CollectionDeclaration[]
): Promise<string[]> {
	const missing = declared.map(async ({ name, indexes }) =>
		(await undeclaredYet(open(name), indexes)).map(index => `${name} ${describeIndex(index)}`)
	);
	return (await Promise.all(missing)).flat();
}

/** Makes those that are not there; rejects, naming it, at the first that can't be made. */
export async function createMissingIndexes(
	documents: Pick<Collection<Doc>, "index" | "indexes">,
	{ name, indexes }: CollectionDeclaration
): Promise<void> {
	for (const index of await undeclaredYet(documents, indexes))
		try {
			await documents.index(index);
		} catch (err) {
			const cause = err instanceof Error ? err.message : String(err);
			throw new Error(`The index ${name} ${describeIndex(index)} can't be made: ${cause}`, {
				cause: err
			});
		}
}

async function undeclaredYet(
	documents: Pick<Collection<Doc>, "indexes">,
	indexes: readonly Index[]
): Promise<readonly Index[]> {
	const there = new Set((await documents.indexes()).map(describeIndex));
	return indexes.filter(index => !there.has(describeIndex(index)));
}

function describeIndex({ keys, unique, sparse }: Index): string {
	const paths = Object.entries(keys).map(([path, direction]) => `${path}: ${direction}`);
	return `{ ${paths.join(", ")} }${unique ? " unique" : ""}${sparse ? " sparse" : ""}`;
}
