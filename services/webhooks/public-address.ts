import { BlockList, isIPv4, isIPv6 } from "node:net";

/** IPv4 networks that are not the public internet (https://www.iana.org/assignments/iana-ipv4-special-registry). */
const PRIVATE_IPV4 = [
	["0.0.0.0", 8],
	["10.0.0.0", 8],
	["100.64.0.0", 10],
	["127.0.0.0", 8],
	["169.254.0.0", 16],
	["172.16.0.0", 12],
	["192.0.0.0", 24],
	["192.0.2.0", 24],
	["192.88.99.0", 24],
	["192.168.0.0", 16],
	["198.18.0.0", 15],
	["198.51.100.0", 24],
	["203.0.113.0", 24],
	["224.0.0.0", 4],
	["240.0.0.0", 4]
] as const;
/** Alibaba Cloud's metadata address is in 100.64.0.0/10, all others are link-local. */
const privateIpv4 = new BlockList();
for (const [network, prefix] of PRIVATE_IPV4) privateIpv4.addSubnet(network, prefix, "ipv4");

/** The one part of IPv6 that is handed out for the public internet, and what is not public in it. */
const globalIpv6 = new BlockList();
globalIpv6.addSubnet("2000::", 3, "ipv6");
const specialIpv6 = new BlockList();
for (const [network, prefix] of [
	["2001::", 23],
	["2001:db8::", 32],
	["2002::", 16],
	["3fff::", 20]
] as const)
	specialIpv6.addSubnet(network, prefix, "ipv6");

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** What may be called: every public address, and loopback where the settings allow it. */
export type AddressPolicy = { readonly allowLoopback: boolean };

/** Whether the IP address may be called. IPv4 inside of IPv6 is never public: nobody needs it for a webhook. */
export function mayCall(address: string, { allowLoopback }: AddressPolicy): boolean {
	if (isIPv4(address))
		return (allowLoopback && loopback.check(address, "ipv4")) || !privateIpv4.check(address, "ipv4");
	if (!isIPv6(address)) return false;
	if (allowLoopback && loopback.check(address, "ipv6")) return true;
	return globalIpv6.check(address, "ipv6") && !specialIpv6.check(address, "ipv6");
}

/** The host of a URL as an IP address, however it is written; null for a name. */
export function readIpLiteral({ hostname }: URL): string | null {
	const host = hostname.replace(/^\[|\]$/g, "");
	return isIPv4(host) || isIPv6(host) ? host : null;
}

/** Names that mean this machine or its network wherever they are resolved (RFC 6761, RFC 6762, RFC 8375). */
const LOCAL_NAME = /(^|\.)(localhost|local|internal|home\.arpa|localdomain)\.?$/i;
const LOOPBACK_NAME = /^localhost\.?$/i;

/** An address that deliveries may be sent to, as far as its text tells; otherwise what is wrong with it. */
export function checkAddress(text: string, policy: AddressPolicy): URL | "malformed" | "private" {
	const url = URL.parse(text);
	if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || !url.hostname)
		return "malformed";
	if (!/^https?:\/\//i.test(text)) return "malformed";
	const ip = readIpLiteral(url);
	if (ip !== null) return mayCall(ip, policy) ? url : "private";
	if (LOOPBACK_NAME.test(url.hostname)) return policy.allowLoopback ? url : "private";
	return LOCAL_NAME.test(url.hostname) || !url.hostname.replace(/\.$/, "").includes(".") ? "private" : url;
}
