/** JSON of a channel, read without trust: the functions below see own fields of the expected type only. */
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

/** Reads an amount in fen, a JSON number as WeChat sends it; undefined for a negative one or a fraction. */
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

/** Decodes UTF-8; undefined for other bytes, which are not replaced. */
export function utf8(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
