import fc from "fast-check";
import { newAddress, toSnapshot, normalizeFields, listAddresses, type Address } from "./address.domain";

const anAddress = (id: string, more: Partial<Address> = {}): Address => ({
	id,
	receiver: "王小明",
	phone: "13812345678",
	province: "浙江省",
	city: "杭州市",
	district: "西湖区",
	detail: "文三路 100 号",
	postalCode: null,
	label: null,
	...more
});

it("has exactly one default wherever there is an address, whatever id was chosen last", () => {
	const ids = fc.constantFrom("a", "b", "c", "d");
	fc.assert(
		fc.property(fc.uniqueArray(ids), fc.option(ids), (kept, chosen) => {
			const seen = listAddresses({
				addresses: kept.map(id => anAddress(id)),
				defaultAddressId: chosen
			});

			const defaults = seen.filter(({ isDefault }) => isDefault).map(({ id }) => id);
			const expected = chosen && kept.includes(chosen) ? chosen : kept[0];
			expect(defaults).toEqual(kept.length ? [expected] : []);
		})
	);
});

it("is stored trimmed, with its phone in one shape and what is missing as null", () => {
	const { id: _id, ...given } = anAddress("a", { receiver: " 王小明 ", phone: "+86 138 1234 5678" });
	const { postalCode: _postalCode, label: _label, ...bare } = given;

	expect(newAddress("a", bare)).toEqual(anAddress("a"));
});

it("leaves alone in a change what is not given", () => {
	expect(normalizeFields({ detail: " 1 ", label: null, city: undefined })).toEqual({
		detail: "1",
		label: null
	});
});

it.each([{ receiver: "  " }, { phone: "12" }, { postalCode: " " }])(
	"refuses what no parcel can use: %j",
	given => {
		expect(() => normalizeFields(given)).toThrow(expect.objectContaining({ type: "VALIDATION_ERROR" }));
	}
);

it("goes into an order without its place in the owner's list", () => {
	const [seen] = listAddresses({ addresses: [anAddress("a")], defaultAddressId: null });

	const { id: _id, ...rest } = anAddress("a");
	expect(seen && toSnapshot(seen)).toEqual(rest);
});
