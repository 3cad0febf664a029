import { isDeepStrictEqual } from "node:util";
import { truncate } from "../../schemas/values/text";
import type { Route } from "./routes";

/** The fields that a request changed, each with its value before and after. */
export type Changes = Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;

/** Longest JSON of a value that is kept. */
const MAX_JSON_LENGTH = 500;
/** Fields that change with every write, and say nothing about it. */
const NOISE = new Set(["updatedAt", "timeline"]);

/**
 * The route that shows staff what a write of theirs is about: of `PUT /admin/users/:id/roles` it is `GET /admin/users/:id`. Null
 * where there is none.
 */
export function findSubjectRoute(route: Route, routes: readonly Route[]): Route | null {
	const { method, policy, audited } = route.action.http;
	if (method === "GET" || typeof policy === "string" || !audited) return null;
	const shown = routes.filter(
		({ path, action: { http } }) =>
			http.method === "GET" &&
			typeof http.policy !== "string" &&
			/:\w+$/.test(path) &&
			`${route.path}/`.startsWith(`${path}/`)
	);
	return shown.toSorted((a, b) => b.path.length - a.path.length)[0] ?? null;
}

/** The names of a path's parameters. */
export const listPathParams = (path: string): string[] =>
	[...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);

/** Compares two views of one thing, field by field. Null where nothing was changed, or one of them is not known. */
export function compareViews(before: unknown, after: unknown): Changes | null {
	if (!isObject(before) || !isObject(after)) return null;
	const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
		name => !NOISE.has(name) && !isDeepStrictEqual(before[name], after[name])
	);
	if (changed.length === 0) return null;
	return Object.fromEntries(
		changed.map(name => [name, { before: shorten(before[name]), after: shorten(after[name]) }])
	);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

function shorten(value: unknown): unknown {
	if (value === undefined) return null;
	const json = JSON.stringify(value);
	const kept = truncate(json, MAX_JSON_LENGTH);
	return kept === json ? value : `${kept}…`;
}
