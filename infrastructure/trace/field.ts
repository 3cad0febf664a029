/** A string field of a value of any type; null where the value has no such field or the field is no string. */
export const readStringField = (value: unknown, name: string): string | null => {
	const field: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
	return typeof field === "string" ? field : null;
};
