/** A text among the fields of what may be anything. */
export const readStringField = (of: unknown, name: string): string | null => {
	const value: unknown = typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
	return typeof value === "string" ? value : null;
};
