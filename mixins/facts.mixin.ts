import type { Service } from "moleculer";
import { backends } from "../infrastructure/backends";
import type { FactsTransport } from "../infrastructure/facts/transport";
import type { Mixin } from "../schemas/kit/service";

export type { DeadLetter, LoggedFact, LogPage } from "../infrastructure/facts/transport";

/** The facts as a log, in one order for all processes. */
export type FactLog = Pick<FactsTransport, "readLog" | "findInLog">;

/**
 * `this.facts`: the transport itself, to look at backlogs and dead letters. Services publish facts with the documents that
 * they change (`storeMixin`) and handle them in `events`.
 */
export const factsMixin: Mixin<{ facts: FactsTransport }> = {
	created(this: Service) {
		Object.assign(this, { facts: backends.facts(this.logger) });
	}
};
