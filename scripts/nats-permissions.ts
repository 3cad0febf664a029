import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contracts, factsByService } from "../schemas/registry";
import { printPermissions, toPasswordVariable, toServiceName } from "./process-users";

const SERVICES = join(__dirname, "../services");

/** What one NATS user may do: subjects as NATS writes them, with `*` for one token and `>` for the rest. */
export type NatsPermissions = { readonly publish: readonly string[]; readonly subscribe: readonly string[] };

/** Actions that every process calls: its config, and the spans of an order's life. */
const CALLED_BY_ALL = ["config.snapshot", "traces.record"];
/** The service whose process fills a stream that has lost facts, and replays dead letters. */
const KEEPER_OF_FACTS = "dead-letters";
/** Moleculer's packets to all nodes. */
const TO_ALL = ["DISCOVER", "INFO", "DISCONNECT", "HEARTBEAT", "PING"];
/** Moleculer's packets to one node, whose id begins with its user. */
const TO_ONE = ["DISCOVER", "INFO", "PING", "PONG", "RES", "EVENT"];

/** The actions that a service's source calls, `call(ctx, "orders.payable", …)`. */
function findCalls(service: string): string[] {
	const sources = globSync("**/*.ts", { cwd: join(SERVICES, service) }).filter(
		file => !/\.spec\.ts$/.test(file)
	);
	return sources.flatMap(file =>
		[
			...readFileSync(join(SERVICES, service, file), "utf8").matchAll(
				/\bcall\(\s*[\w.]+,\s*"([\w-]+\.\w+)"/g
			)
		].map(([, action = ""]) => action)
	);
}

/** Actions that the gateway publishes as routes. */
const routedActions = (): string[] =>
	Object.values(contracts).flatMap(({ name, actions }) =>
		Object.entries(actions)
			.filter(([, { http }]) => http)
			.map(([action]) => `${name}.${action}`)
	);

/** The subjects of the facts that these services publish; of all facts for `dead-letters`, which republishes them. */
function listFactSubjects(services: readonly string[], namespace: string): string[] {
	if (services.includes(KEEPER_OF_FACTS)) return [`${namespace}.facts.>`];
	const owned: Readonly<Record<string, object>> = factsByService;
	return services
		.flatMap(name => Object.keys(owned[toServiceName(name)] ?? {}))
		.map(name => `${namespace}.facts._.${name}`);
}

/**
 * The permissions of a user whose processes run these services: to call only the actions that their source calls, to publish
 * only their own facts, to answer only their own requests, to read only what is addressed to its own nodes, and the JetStream
 * API of the shop's stream, without deleting anything.
 */
export function computePermissions(
	user: string,
	services: readonly string[],
	namespace: string
): NatsPermissions {
	const bus = `MOL-${namespace}`;
	const stream = `${namespace}_facts`;
	const called = new Set([
		...CALLED_BY_ALL,
		...services.flatMap(findCalls),
		...(services.includes("api") ? routedActions() : [])
	]);
	const publish = [
		...TO_ALL.map(packet => `${bus}.${packet}`),
		...TO_ONE.map(packet => `${bus}.${packet}.>`),
		...[...called].map(action => `${bus}.REQB.${action}`),
		...listFactSubjects(services, namespace),
		"$JS.API.INFO",
		...["INFO", "CREATE", "UPDATE"].map(right => `$JS.API.STREAM.${right}.${stream}`),
		...["CREATE", "DURABLE.CREATE", "INFO", "MSG.NEXT"].map(
			right => `$JS.API.CONSUMER.${right}.${stream}.>`
		),
		...["CREATE", "LIST", "NAMES"].map(right => `$JS.API.CONSUMER.${right}.${stream}`),
		`$JS.API.DIRECT.GET.${stream}`,
		`$JS.API.STREAM.MSG.GET.${stream}`,
		`$JS.ACK.${stream}.>`
	];
	const subscribe = [
		...TO_ALL.map(packet => `${bus}.${packet}`),
		...TO_ONE.map(packet => `${bus}.${packet}.${user}.>`),
		`${bus}.REQ.${user}.>`,
		`${bus}.REQB.$node.>`,
		...services.map(toServiceName).flatMap(name => [`${bus}.REQB.${name}.*`, `${bus}.EVENTB.${name}.>`]),
		`${bus}.EVENTB.$node.>`,
		`_INBOX_${user}.>`
	];
	return { publish: publish.toSorted(), subscribe: subscribe.toSorted() };
}

/** The `authorization` block of nats-server for users by name, with the services of each. */
export function formatAuthorization(
	users: ReadonlyMap<string, readonly string[]>,
	namespace: string
): string {
	const blocks = [...users].map(([user, services]) => {
		const { publish, subscribe } = computePermissions(user, services, namespace);
		const list = (subjects: readonly string[]) =>
			`[\n${subjects.map(subject => `          "${subject}"`).join("\n")}\n        ]`;
		return `    {
      user: "${user}"
      password: $${toPasswordVariable("NATS", user)}
      permissions: {
        publish: ${list(publish)}
        subscribe: ${list(subscribe)}
      }
    }`;
	});
	return `# Made by \`npm run nats:permissions\` from the contracts and the calls in the services' source.
authorization {
  users: [
${blocks.join("\n")}
  ]
}
`;
}

if (require.main === module) printPermissions(formatAuthorization);
