import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../settings";
import type { Declared, StoreMetadata } from "./documents/declared";

type Part = { readonly metadata?: StoreMetadata; readonly mixins?: readonly Part[] };

/** The folder of the shop's services, one folder a service. */
const SERVICES = join(__dirname, "../services");

/** The shop's service files by the name of their folder; without the sandbox where that is off. */
export function serviceFiles({ sandbox }: Pick<Settings, "sandbox">): Map<string, string> {
	const found = readdirSync(SERVICES, { withFileTypes: true })
		.filter(entry => entry.isDirectory() && (sandbox || entry.name !== "sandbox"))
		.flatMap(({ name }) =>
			readdirSync(join(SERVICES, name))
				.filter(file => /\.service\.(ts|js)$/.test(file))
				.map(file => [name, join(SERVICES, name, file)] as const)
		);
	return new Map(found);
}

/** Every collection of these service files with all its indexes, as the services' metadata tell; none is started. */
export const collectionsOf = (files: Iterable<string>): Declared[] =>
	[...files].flatMap(file => within((require(file) as { default: Part }).default));

const within = ({ metadata, mixins = [] }: Part): Declared[] => [
	...(metadata?.collections ?? []),
	...mixins.flatMap(within)
];
