import type { Event } from "../../../schemas/kit/contract";
import { compileProjection } from "../../../schemas/kit/projection";
import * as r from "../../../schemas/kit/rules";
import { events } from "../../../schemas/registry";
import { matchesAny } from "../../../schemas/values/topics";

type Payload = Readonly<Record<string, unknown>>;
export type SelectableFact = { readonly event: string; readonly payload: Payload };

/** What a client of live events is shown of a fact: the payload; null for a fact that is not for it. */
export type Select = (fact: SelectableFact) => Payload | null;

/** How facts that name their user are shown to this user, by name: the fields of the contract and no others. */
const SHOWN = new Map(
	Object.entries<Event>(events).flatMap(([name, { params, user }]) =>
		user === undefined
			? []
			: [[name, { user, project: compileProjection(r.obj(params as r.Shape)) }] as const]
	)
);

/** The id of the user whom the fact concerns, as its contract says; null where it concerns none. */
export function findUser({ event, payload }: SelectableFact): string | null {
	const field = SHOWN.get(event)?.user;
	const user = field === undefined ? undefined : payload[field];
	return typeof user === "string" ? user : null;
}

/** Selects the facts that concern the user. */
export const selectOwn =
	(userId: string): Select =>
	fact =>
		findUser(fact) === userId ? (SHOWN.get(fact.event)?.project(fact.payload) as Payload) : null;

/** Selects facts by topics, each with its whole payload. */
export const selectTopics =
	(topics: readonly string[]): Select =>
	({ event, payload }) =>
		matchesAny(topics, event) ? payload : null;
