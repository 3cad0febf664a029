import { isIPv6 } from "node:net";
import fc from "fast-check";
import { getCountedNetwork, normalizeAddress } from "./ip-address";

it.each([
	["203.0.113.9", "203.0.113.9"],
	["203.0.113.9:51234", "203.0.113.9"],
	["::ffff:203.0.113.9", "203.0.113.9"],
	["::FFFF:cb00:7109", "203.0.113.9"],
	["[::ffff:203.0.113.9]:443", "203.0.113.9"],
	["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.9"],
	["0xcb.0.0x71.011", "203.0.113.9"],
	["3405803785", "203.0.113.9"],
	["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
	["2001:0db8::0001", "2001:db8::1"],
	["[2001:db8::1]", "2001:db8::1"],
	["fe80::1%eth0", "fe80::1"],
	["unknown", null],
	["", null],
	["203.0.113.256", null],
	["example.com", null],
	["2001:db8::1::2", null],
	["a@203.0.113.9", null]
])("reads %s as %s", (written, address) => {
	expect(normalizeAddress(written)).toBe(address);
});

it.each([
	["203.0.113.9", "203.0.113.9"],
	["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
	["2001:db8:1:2::7", "2001:db8:1:2::/64"],
	["2001:db8::1", "2001:db8:0:0::/64"],
	["::1", "0:0:0:0::/64"]
])("counts %s as %s", (address, network) => {
	expect(getCountedNetwork(address)).toBe(network);
});

it("counts every spelling of every address in a /64 as one", () => {
	const group = fc.integer({ min: 0, max: 0xffff });
	const groups = (length: number) => fc.array(group, { minLength: length, maxLength: length });
	const spell = (all: readonly number[], upper: boolean, padded: boolean) => {
		const texts = all.map(one => one.toString(16).padStart(padded ? 4 : 1, "0"));
		return upper ? texts.join(":").toUpperCase() : texts.join(":");
	};
	fc.assert(
		fc.property(
			groups(4),
			groups(4),
			groups(4),
			fc.boolean(),
			fc.boolean(),
			(net, a, b, upper, padded) => {
				fc.pre(net.some(one => one !== 0));
				const [one, other] = [
					spell([...net, ...a], upper, padded),
					spell([...net, ...b], !upper, !padded)
				];
				const [first, second] = [normalizeAddress(one), normalizeAddress(other)];

				expect(isIPv6(first ?? "")).toBe(true);
				expect(getCountedNetwork(first ?? "")).toBe(getCountedNetwork(second ?? ""));
			}
		)
	);
});
