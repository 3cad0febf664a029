import type { ServiceSchema } from "moleculer";
import { findServiceFiles } from "../../infrastructure/service-files";
import { findContractsWith } from "../../schemas/kit/personal-data";
import { contracts } from "../../schemas/registry";

/**
 * What outlives the account: the audit log is evidence, and accounts of points and what members spent are books that name a
 * user by an id alone.
 */
const NEVER_ERASED = ["audit", "points", "members"];

it("is erased by every service that exports some", () => {
	const schemas = [...findServiceFiles({ sandbox: true }).values()].map(
		file => (require(file) as { default: ServiceSchema }).default
	);

	const erasing = schemas.filter(({ events }) => events?.["user.closed"]).map(({ name }) => name);

	const owners = findContractsWith(contracts, "exportPersonalData");
	expect(erasing.toSorted()).toEqual(owners.filter(name => !NEVER_ERASED.includes(name)).toSorted());
});
