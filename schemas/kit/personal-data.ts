import { action, type Contract } from "./contract";
import * as r from "./rules";

const ofUser = { userId: r.id() };

/**
 * Actions of a service that holds personal data. Spread them into its contract, and erase the data in its handler of
 * `user.closed`: `GET /me/export` then asks the service as well.
 */
export const personalDataActions = {
	/** Everything that the service holds of the user, fit for JSON. */
	exportPersonalData: action(ofUser, { repeatable: true }).returns(r.record(r.any()))
};

const openMatter = r.obj({ kind: r.str(), id: r.id() });
/** Something that must end before its user's account can be closed, such as an order. */
export type OpenMatter = r.TypeOf<typeof openMatter>;

/** Action of a service with matters that keep an account open. Spread it into its contract: `POST /me/close` then asks it. */
export const openMattersAction = {
	/** At most 20 of them. */
	listOpenMatters: action(ofUser, { repeatable: true }).returns(r.list(openMatter))
};

/** Names of the contracts with this action, such as `exportPersonalData`. */
export const findContractsWith = (
	contracts: Readonly<Record<string, Contract>>,
	actionName: "exportPersonalData" | "listOpenMatters"
): string[] =>
	Object.values(contracts)
		.filter(({ actions }) => Object.hasOwn(actions, actionName))
		.map(({ name }) => name);
