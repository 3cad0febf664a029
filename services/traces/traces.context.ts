import type { Store } from "../../mixins/store.mixin";
import type { SpanBatch } from "./trace.domain";

/** Stores and clients that the functions of this service work with. */
export type TracesContext = { readonly batches: Store<SpanBatch> };
