import type { KeyValueStore } from "../../mixins/key-value.mixin";
import type { QuotaContext } from "../../mixins/quotas";
import type { Store } from "../../mixins/store.mixin";
import type { Coupon, Template } from "./coupon.domain";

/** Stores that the functions of this service work with. The quotas count claims, in all and by user. */
export type CouponsContext = QuotaContext & {
	readonly templates: Store<Template>;
	readonly coupons: Store<Coupon>;
	readonly kv: KeyValueStore;
};
