import type { Store } from "../../mixins/store.mixin";
import type { Claim } from "./claim.domain";

/** What the functions of this service work with; the service itself is one. */
export type IdempotencyContext = { readonly claims: Store<Claim> };
