import { contracts } from "../../schemas/registry";
import { listRoutes } from "./routes";
import { compareViews, findSubjectRoute, listPathParams } from "./subject-changes";

const routes = listRoutes(contracts);
const subjectOf = (name: string) => {
	const route = routes.find(one => one.name === name);
	return route && findSubjectRoute(route, routes)?.name;
};

it("finds what staff would look at to see what their write changed", () => {
	expect(subjectOf("users.setRoles")).toBe("users.get");
	expect(subjectOf("users.setStatus")).toBe("users.get");
	expect(subjectOf("config.set")).toBe("config.get");
	expect(subjectOf("orders.ship")).toBe("orders.adminGet");
	expect(subjectOf("inventory.adjust")).toBe("inventory.get");
	expect(subjectOf("products.create")).toBeUndefined();
	expect(subjectOf("orders.cancel")).toBeUndefined();
	expect(subjectOf("users.get")).toBeUndefined();
});

it("asks for it by the parameters of the path alone", () => {
	for (const route of routes) {
		const subject = findSubjectRoute(route, routes);
		if (subject)
			expect(listPathParams(route.path)).toEqual(expect.arrayContaining(listPathParams(subject.path)));
	}
});

it("names the fields that differ, shortened, and nothing where none does", () => {
	const before = { status: "draft", tags: ["a"], name: "x", note: "n".repeat(600), updatedAt: "1" };

	expect(compareViews(before, { ...before, updatedAt: "2" })).toBeNull();
	expect(compareViews(null, before)).toBeNull();
	expect(compareViews(before, { ...before, status: "on", tags: ["a", "b"], extra: 1 })).toEqual({
		status: { before: "draft", after: "on" },
		tags: { before: ["a"], after: ["a", "b"] },
		extra: { before: null, after: 1 }
	});
	const long = compareViews(before, { ...before, note: "" });
	expect(String(long?.["note"]?.before).length).toBeLessThan(510);
});
