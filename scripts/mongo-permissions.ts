import { readCollectionDeclarations } from "../infrastructure/service-files";
import { printPermissions, productionServices, toPasswordVariable, type ProcessUsers } from "./process-users";

/** What every process writes beside the collections of its services. */
const SHARED = {
	/** The mark of a production store, and the state of migrations; looked at by every start. */
	read: ["migrations"],
	write: ["store_marks"],
	/** Of the queue of facts, which makes its indexes by itself. */
	ofFacts: ["fact_journal", "facts_dead"]
};
const READ = ["find", "listIndexes"];
const WRITE = [...READ, "insert", "update", "remove"];
const MAKE = [...WRITE, "createCollection", "createIndex"];

/** A privilege of MongoDB on one collection of the shop's database. */
type Privilege = { readonly collection: string; readonly actions: readonly string[] };

const listCollections = (services: readonly string[]) =>
	readCollectionDeclarations(services.map(name => productionServices.get(name) ?? "")).map(
		({ name }) => name
	);

/**
 * The privileges of a user whose processes run these services: to read and write the documents of their own collections, and
 * to read all where the gateway runs, which checks the invariants. None makes or drops a collection or an index of a service: that
 * is the matter of `npm run migrate`, with a user of its own.
 */
export function computePrivileges(services: readonly string[]): Privilege[] {
	const own = [...listCollections(services), ...SHARED.write];
	const shared = SHARED.ofFacts.map(collection => ({ collection, actions: MAKE }));
	const others = services.includes("api") ? listCollections([...productionServices.keys()]) : [];
	const read = [...SHARED.read, ...others].filter(name => !own.includes(name));
	return [
		...shared,
		...own.map(collection => ({ collection, actions: WRITE })),
		...read.map(collection => ({ collection, actions: READ }))
	].toSorted((a, b) => (a.collection < b.collection ? -1 : 1));
}

/** A script for `mongosh` that makes or renews the users. It takes their passwords from its environment. */
export function formatUserScript(users: ProcessUsers, namespace: string): string {
	const shop = JSON.stringify(namespace);
	const blocks = [...users].map(([user, services]) => {
		const privileges = computePrivileges(services).map(({ collection, actions }) =>
			JSON.stringify({ resource: { db: namespace, collection }, actions })
		);
		return `grant("${user}", "${toPasswordVariable("MONGO", user)}", [
	${privileges.join(",\n\t")}
]);
`;
	});
	return `// Made by \`npm run mongo:permissions\` from the collections that the services declare.
const shop = db.getSiblingDB(${shop});
function grant(user, variable, privileges) {
	const pwd = process.env[variable];
	if (!pwd) throw new Error(variable + ": set the password of the user " + user);
	if (shop.getRole(user)) shop.updateRole(user, { privileges, roles: [] });
	else shop.createRole({ role: user, privileges, roles: [] });
	if (shop.getUser(user)) shop.updateUser(user, { pwd, roles: [user] });
	else shop.createUser({ user, pwd, roles: [user] });
}
${blocks.join("")}`;
}

if (require.main === module) printPermissions(formatUserScript);
