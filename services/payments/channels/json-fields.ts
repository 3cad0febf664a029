/** Reads a channel's JSON without trusting it: only own fields of the expected type are seen. */
export type Fields = Readonly<Record<string, unknown>>;

export function parseFields(text: string): Fields | undefined {
	try {
		return asFields(JSON.parse(text));
	} catch {
		return undefined;
	}
}

export function textField(fields: Fields | undefined, name: string): string | undefined {
	const value = own(fields, name);
	return typeof value === "string" ? value : undefined;
}

/** Amounts in fen: WeChat sends JSON numbers, and no channel may send a fraction or less than nothing. */
export function fenField(fields: Fields | undefined, name: string): number | undefined {
	const value = own(fields, name);
	return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export const objectField = (fields: Fields | undefined, name: string): Fields | undefined =>
	asFields(own(fields, name));

const own = (fields: Fields | undefined, name: string): unknown =>
	fields && Object.hasOwn(fields, name) ? fields[name] : undefined;

const isFields = (value: unknown): value is Fields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

const asFields = (value: unknown): Fields | undefined => (isFields(value) ? value : undefined);

/** Refuses bytes that are no UTF-8 instead of replacing them. */
export function utf8(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
