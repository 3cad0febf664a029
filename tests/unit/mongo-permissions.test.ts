import { runInNewContext } from "node:vm";
import { readCollectionDeclarations } from "../../infrastructure/service-files";
import { computePrivileges, formatUserScript } from "../../scripts/mongo-permissions";
import { productionServices } from "../../scripts/process-users";

const services = [...productionServices.keys()];
const collectionsOf = (name: string) =>
	readCollectionDeclarations([productionServices.get(name) ?? ""]).map(
		({ name: collection }) => collection
	);
/** What every process needs, whatever its services are. */
const SHARED = ["fact_journal", "facts_dead", "store_marks"];

it("lets each service write its own collections and no other's", () => {
	for (const name of services) {
		const writable = computePrivileges([name]).filter(({ actions }) => actions.includes("update"));

		expect(writable.map(({ collection }) => collection).toSorted()).toEqual(
			[...collectionsOf(name), ...SHARED].toSorted()
		);
	}
});

it("lets only the gateway, which checks the invariants, read what others own", () => {
	const all = services.flatMap(collectionsOf);
	for (const name of services) {
		const readable = computePrivileges([name]).map(({ collection }) => collection);
		const own = name === "api" ? all : collectionsOf(name);

		expect(readable.toSorted()).toEqual([...own, ...SHARED, "migrations"].toSorted());
	}
});

it("prints a script that makes the roles and users, and renews those that exist", () => {
	const calls: string[] = [];
	const known = new Set<string>();
	const note =
		(command: string) =>
		(...args: unknown[]) => {
			calls.push(`${command} ${JSON.stringify(args)}`);
			return null;
		};
	const find = (kind: string) => (name: string) => known.has(`${kind} ${name}`) || null;
	const database = {
		getRole: find("role"),
		getUser: find("user"),
		createRole: note("createRole"),
		updateRole: note("updateRole"),
		createUser: note("createUser"),
		updateUser: note("updateUser")
	};
	const script = formatUserScript(new Map([["trade", ["tags"]]]), "mall");
	const run = (env: object) =>
		runInNewContext(script, { db: { getSiblingDB: () => database }, process: { env } }) as unknown;

	expect(() => run({})).toThrow("MONGO_PASSWORD_TRADE");
	run({ MONGO_PASSWORD_TRADE: "p" });
	known.add("role trade").add("user trade");
	run({ MONGO_PASSWORD_TRADE: "p" });

	expect(calls.map(call => call.split(" ")[0])).toEqual([
		"createRole",
		"createUser",
		"updateRole",
		"updateUser"
	]);
	expect(calls[0]).toContain('{"resource":{"db":"mall","collection":"tags"},"actions":["find"');
	expect(calls[1]).toBe('createUser [{"user":"trade","pwd":"p","roles":["trade"]}]');
});
