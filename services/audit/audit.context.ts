import type { Store } from "../../mixins/store.mixin";
import type { AuditRecord, ChainStart } from "./audit.domain";

/** Stores and clients that the functions of this service work with. */
export type AuditContext = { readonly entries: Store<AuditRecord>; readonly starts: Store<ChainStart> };
