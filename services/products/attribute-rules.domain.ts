import type { AttributeView } from "../../schemas/attributes.contract";
import { invalidFields, type FieldFault } from "../../schemas/errors";
import type { Attributes, Content } from "./product.domain";

/** A product's attributes and its SKUs', with what the category declares of them. */
export type Declared = Pick<Content, "attributes" | "skus"> & {
	readonly declared: readonly AttributeView[];
};
type Options = {
	/** The product before the edit. */
	readonly before?: Declared;
	/** The caller sent the attributes of this SKU alone, not a list of `skus`. */
	readonly skuId?: string | undefined;
};
type Fault = Omit<FieldFault, "field">;
type Found = Fault & { readonly of: string; readonly name: string; readonly value: string | undefined };

const PRODUCT = "product";

/**
 * Refuses attributes that the declarations forbid, naming every field; undeclared ones are free. An edit is judged by what
 * it changes: a fault that was there before, as after a later declaration, doesn't stop it.
 */
export function checkAttributes(after: Declared, { before, skuId }: Options = {}): void {
	const known = new Set(before ? faultsIn(before).map(identityOf) : []);
	const faults = faultsIn(after).filter(fault => !known.has(identityOf(fault)));
	if (faults.length === 0) return;
	const fieldOf = ({ of, name }: Found) =>
		of === PRODUCT || of === skuId
			? `attributes.${name}`
			: `skus[${after.skus.findIndex(({ id }) => id === of)}].attributes.${name}`;
	throw invalidFields(
		faults.map(fault => {
			const { type, expected } = fault;
			return { field: fieldOf(fault), type, ...(expected !== undefined && { expected }) };
		})
	);
}

const identityOf = ({ of, name, type, value }: Found) => JSON.stringify([of, name, type, value]);

function faultsIn({ declared, attributes, skus }: Declared): Found[] {
	// The nearest category's declaration of a name is the one that counts; it comes first.
	const valid = declared.filter(({ name }, i) => declared.findIndex(other => other.name === name) === i);
	const ofKind = (kind: AttributeView["kind"]) => valid.filter(attribute => attribute.kind === kind);
	return [
		...faultsOf(PRODUCT, ofKind("spec"), attributes),
		...skus.flatMap(sku => faultsOf(sku.id, ofKind("sale"), sku.attributes))
	];
}

function faultsOf(of: string, declared: readonly AttributeView[], given: Attributes): Found[] {
	return declared.flatMap(attribute => {
		const { name } = attribute;
		const value = Object.hasOwn(given, name) ? given[name] : undefined;
		const fault = faultOf(attribute, value);
		return fault ? [{ of, name, value, ...fault }] : [];
	});
}

function faultOf({ required, input, values }: AttributeView, value: string | undefined): Fault | undefined {
	if (value === undefined || value === "") return required ? { type: "required" } : undefined;
	if (input === "select" && values.length > 0 && !values.includes(value))
		return { type: "enum", expected: values };
	if (input === "number" && !/^-?\d+(\.\d+)?$/.test(value)) return { type: "number" };
	return undefined;
}
