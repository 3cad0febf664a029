import type { AnyDoc, Collection, Doc, Index } from "../../../infrastructure/documents/collection";

export type Item = AnyDoc;

/** Tools that the parts of the contract suite share. */
export type CollectionSuite = {
	/** Name of the implementation, in the titles. */
	readonly name: string;
	/** A new collection with these indexes and documents. */
	readonly holding: (docs: readonly Item[], ...indexes: Index[]) => Promise<Collection<Item>>;
	/** `it`, skipped where the server is known to lack the behaviour. */
	readonly behaviour: (title: string, test: () => Promise<void>) => void;
};

export const idsOf = (docs: readonly Doc[]) => docs.map(doc => doc._id);
