import type { Store } from "../../mixins/store.mixin";
import type { Together } from "./together.domain";

/** The store that the functions of this service work with. */
export type RelatedContext = { readonly together: Store<Together> };
