import type { Caller } from "../../schemas/kit/service";
import { AuditLimits } from "./audit-limits";

const limits = (max: number, limitsAddresses = true) =>
	new AuditLimits({ get: () => max as never }, null, limitsAddresses);
const user = (id: string, ...roles: Caller["roles"][number][]): Caller => ({ id, roles, sessionId: "s" });
const IP = "192.0.2.1";

it("bounds the entries about a customer, and says which one is the last", async () => {
	const bounded = limits(2);
	const admitted = [];
	for (let n = 0; n < 4; n++) admitted.push(await bounded.admit(user("u1", "customer"), undefined, IP));

	expect(admitted).toEqual(["entry", "lastEntry", "none", "none"]);
	expect(await bounded.admit(user("u2", "customer"), undefined, IP)).toBe("entry");
});

it("bounds the entries about a network where no account is known", async () => {
	const bounded = limits(1);

	expect(await bounded.admit(null, undefined, "2001:db8::1")).toBe("lastEntry");
	expect(await bounded.admit(null, undefined, "2001:db8::2")).toBe("none");
	expect(await bounded.admit(null, "u1", IP)).toBe("lastEntry");
	expect(await limits(1, false).admit(null, undefined, IP)).toBe("entry");
});

it("records all that staff do", async () => {
	const bounded = limits(1);
	const clerk = user("s1", "customer", "support");
	const admitted = [];
	for (let n = 0; n < 3; n++) admitted.push(await bounded.admit(clerk, undefined, IP));

	expect(admitted).toEqual(["entry", "entry", "entry"]);
});
