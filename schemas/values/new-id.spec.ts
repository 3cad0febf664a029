import { isValid } from "ulid";
import { createIdSequence, newId } from "./new-id";

it("makes valid ids, and no two alike beyond the random bytes that are drawn at once", () => {
	const ids = Array.from({ length: 2000 }, newId);

	expect(new Set(ids).size).toBe(ids.length);
	expect(ids.every(isValid)).toBe(true);
});

it("makes a sequence of ascending ids, also within a millisecond", () => {
	const next = createIdSequence();

	const ids = Array.from({ length: 2000 }, next);

	expect(ids).toEqual(ids.toSorted());
	expect(new Set(ids).size).toBe(ids.length);
});
