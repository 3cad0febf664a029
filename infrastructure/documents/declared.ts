import type { Collection, Doc, Index } from "./collection";

/** A collection as its service declares it in its metadata: with every index that its queries need. */
export type Declared = {
	readonly name: string;
	readonly indexes: readonly Index[];
	/** Why its queries may look at every document: there are only ever a few. */
	readonly scans?: string;
};

export type Open = <T extends Doc>(name: string) => Collection<T>;

/** Every service with stores says here which collections it has, for whoever needs to know without starting it. */
export type StoreMetadata = { readonly collections?: readonly Declared[] };

/** The declared indexes that are not there, in words. */
export async function missingIndexes(open: Open, declared: readonly Declared[]): Promise<string[]> {
	const missing = declared.map(async ({ name, indexes }) =>
		(await absent(open(name), indexes)).map(index => `${name} ${inWords(index)}`)
	);
	return (await Promise.all(missing)).flat();
}

/** Makes those that are not there; rejects, naming it, at the first that can't be made. */
export async function makeIndexes(
	documents: Pick<Collection<Doc>, "index" | "indexes">,
	{ name, indexes }: Declared
): Promise<void> {
	for (const index of await absent(documents, indexes))
		try {
			await documents.index(index);
		} catch (err) {
			const cause = err instanceof Error ? err.message : String(err);
			throw new Error(`The index ${name} ${inWords(index)} can't be made: ${cause}`, { cause: err });
		}
}

async function absent(
	documents: Pick<Collection<Doc>, "indexes">,
	indexes: readonly Index[]
): Promise<readonly Index[]> {
	const there = new Set((await documents.indexes()).map(inWords));
	return indexes.filter(index => !there.has(inWords(index)));
}

function inWords({ keys, unique, sparse }: Index): string {
	const paths = Object.entries(keys).map(([path, direction]) => `${path}: ${direction}`);
	return `{ ${paths.join(", ")} }${unique ? " unique" : ""}${sparse ? " sparse" : ""}`;
}
