import type { Event } from "../../schemas/kit/contract";
import { toExample } from "../../schemas/kit/example";
import { objectSchema, type JsonSchema } from "../../schemas/kit/json-schema";
import type { Rule } from "../../schemas/kit/rules";
import { events } from "../../schemas/registry";
import packageJson from "../../package.json";

/** A fact as the event catalogue describes it. */
export type FactDescription = {
	readonly name: string;
	readonly about: string;
	/** The field that names the user whose `GET /events` shows the fact; null where only staff see it. */
	readonly user: string | null;
	readonly payload: JsonSchema;
	readonly example: Readonly<Record<string, unknown>>;
};

/** Describes every fact of the contracts, by name. */
export function describeFacts(facts: Readonly<Record<string, Event>> = events): FactDescription[] {
	return Object.entries(facts)
		.map(([name, { params, about = "", user = null }]) => {
			const fields = params as Readonly<Record<string, Rule<unknown>>>;
			const example = Object.entries(fields).map(([field, rule]) => [field, toExample(rule, field)]);
			return {
				name,
				about,
				user,
				// A payload is open: a later version of the shop may add fields.
				payload: { ...objectSchema(fields), additionalProperties: true },
				example: Object.fromEntries(example) as FactDescription["example"]
			};
		})
		.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const ABOUT = `Every fact of the shop: a durable event, published once a change is stored, and delivered at least once.

Facts reach other systems by three ways, each with the payload as described here:
- webhooks (\`POST /api/v1/admin/webhooks\`): the body is \`{"type", "timestamp", "data"}\`, signed as Standard Webhooks demand;
- \`GET /api/v1/admin/events?topic=order.*\`: Server-Sent Events for staff, with every fact;
- \`GET /api/v1/events\`: Server-Sent Events for a signed-in user, with the facts that concern this user (\`x-user-field\`).`;

/** Builds the AsyncAPI 3 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0) from the contracts. */
export function buildAsyncApi(): object {
	const facts = describeFacts();
	const entries = <V>(describe: (fact: FactDescription) => V): Record<string, V> =>
		Object.fromEntries(facts.map(fact => [fact.name, describe(fact)]));
	return {
		asyncapi: "3.0.0",
		info: {
			title: "zjMall",
			version: packageJson.version,
			description: ABOUT,
			license: { name: "MIT" },
			tags: [...new Set(facts.map(toTag))].map(name => ({ name }))
		},
		defaultContentType: "application/json",
		channels: entries(({ name, about }) => ({
			address: name,
			summary: about,
			messages: { [name]: { $ref: `#/components/messages/${name}` } }
		})),
		operations: entries(({ name, about }) => ({
			action: "send",
			summary: about,
			channel: { $ref: `#/channels/${name}` },
			messages: [{ $ref: `#/channels/${name}/messages/${name}` }]
		})),
		components: {
			messages: entries(fact => ({
				name: fact.name,
				title: fact.name,
				summary: fact.about,
				tags: [{ name: toTag(fact) }],
				payload: fact.payload,
				examples: [{ payload: fact.example }],
				...(fact.user !== null && { "x-user-field": fact.user })
			}))
		}
	};
}

/** What the fact is about, such as `order`. */
export const toTag = ({ name }: Pick<FactDescription, "name">): string => name.split(".")[0] ?? name;
