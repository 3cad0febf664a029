import fc from "fast-check";
import { checkAddress, mayCall } from "./public-address";

const PUBLIC_ONLY = { allowLoopback: false };

it.each([
	"http://127.0.0.1/",
	"http://127.1/",
	"http://127.0.1/",
	"http://2130706433/",
	"http://0x7f000001/",
	"http://0x7f.0x0.0x0.0x1/",
	"http://0177.0.0.1/",
	"http://017700000001/",
	"http://0x7f.1/",
	"http://①②⑦.⓪.⓪.①/",
	"http://127。0。0。1/",
	"http://%31%32%37.0.0.1/",
	"http://127.0.0.1./",
	"http://0/",
	"http://0.0.0.0/",
	"http://[::1]/",
	"http://[0:0:0:0:0:0:0:1]/",
	"http://[::]/",
	"http://[::ffff:127.0.0.1]/",
	"http://[::ffff:7f00:1]/",
	"http://[::127.0.0.1]/",
	"http://[64:ff9b::7f00:1]/",
	"http://[64:ff9b:1::7f00:1]/",
	"http://[2002:7f00:1::]/",
	"http://[2001:0:7f00:1::]/",
	"http://[fe80::1]/",
	"http://[fc00::1]/",
	"http://[fd00:ec2::254]/",
	"http://[ff02::1]/",
	"http://169.254.169.254/latest/meta-data",
	"http://0xa9fea9fe/",
	"http://2852039166/",
	"http://[::ffff:169.254.169.254]/",
	"http://100.100.100.200/",
	"http://10.0.0.1/",
	"http://172.16.0.1/",
	"http://192.168.1.1/",
	"http://localhost/",
	"http://LOCALHOST./",
	"http://a.localhost/",
	"http://ｌｏｃａｌｈｏｓｔ/",
	"http://metadata.google.internal/",
	"http://printer.local/",
	"http://redis/",
	"http://redis:6379/"
])("takes %s for private", address => {
	expect(checkAddress(address, PUBLIC_ONLY)).toBe("private");
});

it.each([
	"",
	"example.com",
	"ftp://example.com/",
	"file:///etc/passwd",
	"gopher://example.com/",
	"http:example.com",
	"https://user:secret@example.com/",
	"https://user@127.0.0.1/",
	"http://",
	"http://256.256.256.256/",
	"http://[::1%25lo]/"
])("takes %p for no address", address => {
	expect(checkAddress(address, PUBLIC_ONLY)).toBe("malformed");
});

it.each([
	"https://example.com/hook",
	"http://8.8.8.8:8080/a?b=c",
	"https://[2606:4700::1111]/",
	"https://商城.example/"
])("accepts %s", address => {
	expect(checkAddress(address, PUBLIC_ONLY)).toBeInstanceOf(URL);
});

it("lets loopback through where it is allowed, and nothing else that is private", () => {
	const policy = { allowLoopback: true };

	for (const address of [
		"http://127.0.0.1:9/",
		"http://[::1]/",
		"http://localhost:80/",
		"http://2130706433/"
	])
		expect(checkAddress(address, policy)).toBeInstanceOf(URL);
	for (const address of ["http://10.0.0.1/", "http://169.254.169.254/", "http://0/"])
		expect(checkAddress(address, policy)).toBe("private");
});

it("takes no spelling of a private IPv4 address for a public one", () => {
	const part = fc.nat(255);
	const networks = fc.oneof(
		fc.tuple(fc.constantFrom(0, 10, 127), part, part, part),
		fc.tuple(fc.constant(192), fc.constant(168), part, part),
		fc.tuple(fc.constant(169), fc.constant(254), part, part),
		fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), part, part)
	);
	const spellings = fc.constantFrom(
		(n: number) => String(n),
		(n: number) => `0x${n.toString(16)}`,
		(n: number) => `0${n.toString(8)}`
	);
	fc.assert(
		fc.property(networks, fc.tuple(spellings, spellings, spellings, spellings), (parts, spell) => {
			const host = parts.map((n, at) => spell[at]?.(n)).join(".");
			const hex = parts.map(n => n.toString(16).padStart(2, "0")).join("");

			for (const written of [host, `0x${hex}`, `[::ffff:${hex.slice(0, 4)}:${hex.slice(4)}]`])
				expect(checkAddress(`http://${written}/`, PUBLIC_ONLY)).toBe("private");
			expect(mayCall(parts.join("."), PUBLIC_ONLY)).toBe(false);
		})
	);
});
