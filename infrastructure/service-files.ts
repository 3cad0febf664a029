import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../settings";
import type { CollectionDeclaration, StoreMetadata } from "./documents/declared";

/** Metadata of a mixin with keys in Redis: how they begin after the namespace, with `$service` for the service's name. */
export type KeyMetadata = { readonly keyPrefixes?: readonly string[] };

type SchemaPart = {
	readonly name?: string;
	readonly metadata?: StoreMetadata & KeyMetadata;
	readonly mixins?: readonly SchemaPart[];
};

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

const readSchema = (file: string) => (require(file) as { default: SchemaPart }).default;

/** Reads how the service's keys in Redis begin, after the namespace; starts no service. */
export function readKeyPrefixes(file: string): string[] {
	const schema = readSchema(file);
	return prefixesOf(schema).map(prefix => prefix.replace("$service", schema.name ?? ""));
}

const prefixesOf = ({ metadata, mixins = [] }: SchemaPart): string[] => [
	...(metadata?.keyPrefixes ?? []),
	...mixins.flatMap(prefixesOf)
];

/** Reads the collections that the services declare in their metadata, with all indexes; starts no service. */
export const readCollectionDeclarations = (files: Iterable<string>): CollectionDeclaration[] =>
	[...files].flatMap(file => declarationsOf(readSchema(file)));

const declarationsOf = ({ metadata, mixins = [] }: SchemaPart): CollectionDeclaration[] => [
	...(metadata?.collections ?? []),
	...mixins.flatMap(declarationsOf)
];
