import type { Declared, StoreMetadata } from "./documents/declared";

type Part = { readonly metadata?: StoreMetadata; readonly mixins?: readonly Part[] };

/** Every collection of these service files with all its indexes, as the services' metadata tell; none is started. */
export const collectionsOf = (files: Iterable<string>): Declared[] =>
	[...files].flatMap(file => within((require(file) as { default: Part }).default));

const within = ({ metadata, mixins = [] }: Part): Declared[] => [
	...(metadata?.collections ?? []),
	...mixins.flatMap(within)
];
