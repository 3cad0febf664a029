import type { Config } from "../../mixins/config.mixin";
import type { KeyValueStore } from "../../mixins/key-value.mixin";

/** Stores and clients that the functions of this service work with. */
export type CartsContext = { readonly kv: KeyValueStore; readonly config: Pick<Config, "get"> };
