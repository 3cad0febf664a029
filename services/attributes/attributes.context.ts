import type { Store } from "../../mixins/store.mixin";
import type { Attribute } from "./attribute.domain";

/** The store that the functions of this service work with. */
export type AttributesContext = { readonly attributes: Store<Attribute> };
