import { describeFacts, toTag, type FactDescription } from "../../services/api/asyncapi";
import { describeType, listFields } from "../../services/api/event-page";
import { readFactRoutes, type FactRoute } from "./fact-routes";

const code = (name: string) => `\`${name}\``;
const list = (names: readonly string[]) => names.map(code).join(", ");

function formatFact(fact: FactDescription, { publisher, consumers }: FactRoute): string {
	const fields = listFields(fact).map(
		({ field, property, isRequired }) =>
			`- ${code(field)}: ${describeType(property)}${isRequired ? "" : ", optional"}`
	);
	return [
		`### ${fact.name}`,
		`${fact.about}.`,
		`Published by ${code(publisher)}. Handled by ${list(consumers) || "no service of the shop"}. ${
			fact.user === null
				? "Shown to staff and webhooks only."
				: `Also shown to its user (${code(fact.user)}) by ${code("GET /events")}.`
		}`,
		`\`\`\`json\n${JSON.stringify(fact.example)}\n\`\`\``,
		fields.join("\n")
	].join("\n\n");
}

/** The event catalogue as a document: every fact with its publisher, its consumers, its payload and an example. */
export function formatEventCatalogue(): string {
	const routes = readFactRoutes();
	const routeOf = (name: string) => routes.get(name) ?? { publisher: "", consumers: [] };
	const groups = [...Map.groupBy(describeFacts(), toTag)];
	return `${[
		"# Event catalogue",
		"Every fact of the shop, made from the contracts by `npm run docs:generate`. [Events](events.md) says how to get them; a running shop shows the same at `/docs/events` and `/asyncapi.json`. A payload is open: a later version may add fields.",
		"[Who tells whom](states.md#who-tells-whom) is a picture of this page.",
		groups
			.map(
				([, facts]) =>
					`- ${facts.map(({ name }) => `[${name}](#${name.replace(".", "")})`).join(" · ")}`
			)
			.join("\n"),
		...groups.flatMap(([tag, facts]) => [
			`## ${tag}`,
			...facts.map(fact => formatFact(fact, routeOf(fact.name)))
		])
	].join("\n\n")}\n`;
}
