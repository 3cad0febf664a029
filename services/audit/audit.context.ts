import type { Store } from "../../mixins/store.mixin";
import type { AuditRecord } from "./audit.domain";

/** What the functions of this service work with; the service itself is one. */
export type AuditContext = { readonly entries: Store<AuditRecord> };
