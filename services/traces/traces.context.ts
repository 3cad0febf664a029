import type { Store } from "../../mixins/store.mixin";
import type { SpanBatch } from "./trace.domain";

/** What the functions of this service work with; the service itself is one. */
export type TracesContext = { readonly batches: Store<SpanBatch> };
