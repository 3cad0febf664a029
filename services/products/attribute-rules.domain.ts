import type { AttributeView } from "../../schemas/attributes.contract";
import { invalidFields, type FieldFault } from "../../schemas/errors/errors";
import type { Content } from "./product.domain";
import type { Attributes } from "./sku.domain";

/** Attributes of a product and of its SKUs, with the declarations that apply to its category, the nearest category's first. */
export type AttributesWithDeclarations = Pick<Content, "attributes" | "skus"> & {
	readonly declared: readonly AttributeView[];
};
type Options = {
	/** The product before the edit. */
	readonly before?: AttributesWithDeclarations;
	/** The one SKU that the caller sent, not in a list of `skus`. */
	readonly skuId?: string | undefined;
};
type Fault = Omit<FieldFault, "field">;
/** Fault with its owner: `PRODUCT` or the id of a SKU. */
type FoundFault = Fault & {
	readonly owner: string;
	readonly name: string;
	readonly value: string | undefined;
};

const PRODUCT = "product";

/**
 * Refuses attributes that break a declaration, naming every field; undeclared attributes are free. A fault that the product
 * had before the edit, as after a later declaration, does not stop the edit.
 */
export function checkAttributes(after: AttributesWithDeclarations, { before, skuId }: Options = {}): void {
	const known = new Set(before ? findFaults(before).map(identityOf) : []);
	const faults = findFaults(after).filter(fault => !known.has(identityOf(fault)));
	if (faults.length === 0) return;
	const fieldOf = ({ owner, name }: FoundFault) =>
		owner === PRODUCT || owner === skuId
			? `attributes.${name}`
			: `skus[${after.skus.findIndex(({ id }) => id === owner)}].attributes.${name}`;
	throw invalidFields(
		faults.map(fault => {
			const { type, expected } = fault;
			return { field: fieldOf(fault), type, ...(expected !== undefined && { expected }) };
		})
	);
}

const identityOf = ({ owner, name, type, value }: FoundFault) => JSON.stringify([owner, name, type, value]);

function findFaults({ declared, attributes, skus }: AttributesWithDeclarations): FoundFault[] {
	// The nearest category's declaration of a name overrides the others.
	const effective = declared.filter(
		({ name }, i) => declared.findIndex(other => other.name === name) === i
	);
	const ofKind = (kind: AttributeView["kind"]) => effective.filter(attribute => attribute.kind === kind);
	return [
		...checkValues(PRODUCT, ofKind("spec"), attributes),
		...skus.flatMap(sku => checkValues(sku.id, ofKind("sale"), sku.attributes))
	];
}

function checkValues(owner: string, declared: readonly AttributeView[], given: Attributes): FoundFault[] {
	return declared.flatMap(attribute => {
		const { name } = attribute;
		const value = Object.hasOwn(given, name) ? given[name] : undefined;
		const fault = checkValue(attribute, value);
		return fault ? [{ owner, name, value, ...fault }] : [];
	});
}

function checkValue(
	{ required, input, values }: AttributeView,
	value: string | undefined
): Fault | undefined {
	if (value === undefined || value === "") return required ? { type: "required" } : undefined;
	if (input === "select" && values.length > 0 && !values.includes(value))
		return { type: "enum", expected: values };
	if (input === "number" && !/^-?\d+(\.\d+)?$/.test(value)) return { type: "number" };
	return undefined;
}
