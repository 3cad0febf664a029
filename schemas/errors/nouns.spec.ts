import { nounOfCollection } from "./nouns";

it.each([
	["orders", "order"],
	["categories", "category"],
	["coupon_templates", "coupon_template"],
	["addresses", "address"],
	["stock", "stock"],
	["invariant_checks", "entry"]
])("calls an entry of the collection %s: %s", (collection, noun) => {
	expect(nounOfCollection(collection)).toBe(noun);
});
