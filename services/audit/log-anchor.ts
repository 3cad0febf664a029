import type { Logger } from "../../mixins/platform";
import { findLast } from "./append-entry";
import type { AuditContext } from "./audit.context";

/** The last anchor that this process has logged for a log of entries. */
const logged = new WeakMap<AuditContext["entries"], string>();

/**
 * Writes the place and hash of the last entry into the program's log, which is kept elsewhere than the store:
 * `npm run audit:verify -- --anchors <file>` compares it. Nothing is written while there are no new entries.
 */
export async function logAnchor(context: AuditContext & { readonly logger: Logger }): Promise<void> {
	const { _id: id, hash } = await findLast(context);
	if (hash === "" || logged.get(context.entries) === id) return;
	logged.set(context.entries, id);
	context.logger.info({ auditAnchor: { id, hash } }, "Audit anchor");
}
