/** `order-notes`: the name of a service's folder and files. */
export const SERVICE_NAME = /^[a-z][a-z\d]*(-[a-z\d]+)*$/;

/** `orderNotes`: the name of the service. */
export const toCamel = (name: string): string =>
	name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** `OrderNotes`: the name of a schema. */
export const toPascal = (name: string): string => {
	const camel = toCamel(name);
	return camel.charAt(0).toUpperCase() + camel.slice(1);
};
