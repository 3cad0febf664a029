import { Refusal } from "../errors/errors";
import type { Ctx } from "./service";

/** The id of the signed-in user; refuses with UNAUTHORIZED where nobody is signed in. */
export function requireUserId({ meta }: Pick<Ctx<unknown>, "meta">): string {
	if (!meta.user) throw new Refusal("UNAUTHORIZED", "Only for the signed-in");
	return meta.user.id;
}

/** The id of the member of staff who calls; "system" where a service or the REPL does. */
export const getStaffId = ({ meta }: Pick<Ctx<unknown>, "meta">): string => meta.user?.id ?? "system";
