import type { Store } from "../../mixins/store.mixin";
import type { Claim } from "./claim.domain";

/** Stores and clients that the functions of this service work with. */
export type IdempotencyContext = { readonly claims: Store<Claim> };
