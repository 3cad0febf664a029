import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../settings";
import type { CollectionDeclaration, StoreMetadata } from "./documents/declared";

type SchemaPart = { readonly metadata?: StoreMetadata; readonly mixins?: readonly SchemaPart[] };

/** The folder of the shop's services, one folder a service. */
const SERVICES_FOLDER = join(__dirname, "../services");

/** The shop's service files by the name of their folder; without the sandbox where that is off. */
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

/** Every collection of these service files with all its indexes, as the services' metadata tell; none is started. */
export const readCollectionDeclarations = (files: Iterable<string>): CollectionDeclaration[] =>
	[...files].flatMap(file => declarationsOf((require(file) as { default: SchemaPart }).default));

const declarationsOf = ({ metadata, mixins = [] }: SchemaPart): CollectionDeclaration[] => [
	...(metadata?.collections ?? []),
	...mixins.flatMap(declarationsOf)
];
