import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../settings";
import type { CollectionDeclaration, StoreMetadata } from "./documents/declared";

type SchemaPart = { readonly metadata?: StoreMetadata; readonly mixins?: readonly SchemaPart[] };

/** Folder with a folder for each service. */
const SERVICES_FOLDER = join(__dirname, "../services");

/** Paths of the shop's service files by the name of their folder; without the sandbox where the settings turn it off. */
export function findServiceFiles({ sandbox }: Pick<Settings, "sandbox">): Map<string, string> {
	const found = readdirSync(SERVICES_FOLDER, { withFileTypes: true })
		.filter(entry => entry.isDirectory() && (sandbox || entry.name !== "sandbox"))
		.flatMap(({ name }) =>
			readdirSync(join(SERVICES_FOLDER, name))
				.filter(file => /\.service\.(ts|js)$/.test(file))
				.map(file => [name, join(SERVICES_FOLDER, name, file)] as const)
		);
	return new Map(found);
}

/** Reads the collections that the services declare in their metadata, with all indexes; starts no service. */
export const readCollectionDeclarations = (files: Iterable<string>): CollectionDeclaration[] =>
	[...files].flatMap(file => declarationsOf((require(file) as { default: SchemaPart }).default));

const declarationsOf = ({ metadata, mixins = [] }: SchemaPart): CollectionDeclaration[] => [
	...(metadata?.collections ?? []),
	...mixins.flatMap(declarationsOf)
];
