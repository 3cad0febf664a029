import { isRefusal, Refusal } from "./errors";
import { ERROR_CODES, FAILURE_CODES, isRefusalType } from "./error-codes";

const REFUSAL_TYPES = Object.keys(ERROR_CODES).filter(isRefusalType);

it.each(REFUSAL_TYPES)("makes %s an error with the status and the retries of its row", type => {
	const { code, retryable } = new Refusal(type, "for developers");

	expect({ code, retryable }).toEqual({
		code: ERROR_CODES[type].status,
		retryable: "retryable" in ERROR_CODES[type]
	});
});

it("takes no defect, no failure of the bus and no name that every object has for a refusal", () => {
	const others = ["INTERNAL_ERROR", "toString", undefined, ...FAILURE_CODES.keys()];

	expect(others.filter(isRefusalType)).toEqual([]);
});

it("knows a refusal by its type, since between nodes the class is lost", () => {
	const received = Object.assign(new Error("short"), { type: "OUT_OF_STOCK" });

	expect(isRefusal(received, "OUT_OF_STOCK")).toBe(true);
	expect(isRefusal(received, "NOT_FOUND")).toBe(false);
	expect(isRefusal("OUT_OF_STOCK", "OUT_OF_STOCK")).toBe(false);
});
