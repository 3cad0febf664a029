/** IPv4 as the last two groups of an IPv6 address, mapped (`::ffff:`) or compatible (`::`), as WHATWG URLs write it. */
const EMBEDDED_IPV4 = /^::(?:ffff:)?([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * One spelling for every spelling of an address: IPv4 with four decimal parts, IPv6 in the short lower-case form of RFC 5952,
 * IPv4 inside IPv6 as IPv4; without port, brackets and zone. Null for any other text.
 */
export function normalizeAddress(written: string): string | null {
	const text = written.trim().replace(/%[^\]]*/, "");
	const isBareIpv6 = !text.startsWith("[") && text.split(":").length > 2;
	if (!/^[\da-fx.:[\]]+$/i.test(text)) return null;
	const url = URL.parse(`http://${isBareIpv6 ? `[${text}]` : text}`);
	if (!url) return null;
	const host = url.hostname.replace(/^\[|\]$/g, "");
	if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return host;
	if (!host.includes(":")) return null;
	const [, high, low] = EMBEDDED_IPV4.exec(host) ?? [];
	return high === undefined || low === undefined ? host : toIpv4(high, low);
}

function toIpv4(high: string, low: string): string {
	const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
	return [24, 16, 8, 0].map(shift => (bits >>> shift) & 255).join(".");
}

/** The part of a normalised address that limits count: an IPv6 host has a /64 to itself, so the whole /64 counts as one. */
export function getCountedNetwork(address: string): string {
	if (!address.includes(":")) return address;
	const [head = "", tail = ""] = address.split("::");
	const [left, right] = [head, tail].map(part => part.split(":").filter(Boolean));
	const zeros = Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => "0");
	const groups = address.includes("::") ? [...(left ?? []), ...zeros, ...(right ?? [])] : (left ?? []);
	return `${groups.slice(0, 4).join(":")}::/64`;
}
