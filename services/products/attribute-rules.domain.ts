import type { AttributeView } from "../../schemas/attributes.contract";
import { Refusal } from "../../schemas/errors";
import type { Attributes, Content } from "./product.domain";

/** Refuses attributes that the declarations of the category forbid, naming every field; undeclared ones are free. */
export function checkAttributes(
	declared: readonly AttributeView[],
	{ attributes, skus }: Pick<Content, "attributes" | "skus">
): void {
	// The nearest category's declaration of a name is the one that counts; it comes first.
	const valid = declared.filter(({ name }, i) => declared.findIndex(other => other.name === name) === i);
	const faults = [
		...faultsOf(
			valid.filter(a => a.kind === "spec"),
			attributes,
			"attributes"
		),
		...skus.flatMap((sku, i) =>
			faultsOf(
				valid.filter(a => a.kind === "sale"),
				sku.attributes,
				`skus[${i}].attributes`
			)
		)
	];
	if (faults.length) throw new Refusal("VALIDATION_ERROR", "Attributes are not as declared", faults);
}

function faultsOf(declared: readonly AttributeView[], given: Attributes, at: string) {
	return declared.flatMap(attribute => {
		const value = Object.hasOwn(given, attribute.name) ? given[attribute.name] : undefined;
		const fault = faultOf(attribute, value);
		return fault ? [{ field: `${at}.${attribute.name}`, ...fault }] : [];
	});
}

function faultOf({ required, input, values }: AttributeView, value: string | undefined) {
	if (value === undefined || value === "")
		return required ? { type: "required", message: "is required in this category" } : undefined;
	if (input === "select" && values.length > 0 && !values.includes(value))
		return { type: "enum", message: `must be one of ${values.join(", ")}` };
	if (input === "number" && !/^-?\d+(\.\d+)?$/.test(value))
		return { type: "number", message: "must be a number" };
	return undefined;
}
