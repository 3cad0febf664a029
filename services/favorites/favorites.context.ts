import type { Store } from "../../mixins/store.mixin";
import type { Interests } from "./interests.domain";

/** Stores that the functions of this service work with. */
export type FavoritesContext = {
	readonly favorites: Store<Interests>;
	readonly history: Store<Interests>;
};
