/** Values with which a request of a route succeeds in a shop with the demo catalogue. */
export type Example = {
	readonly path?: Readonly<Record<string, unknown>>;
	readonly query?: Readonly<Record<string, unknown>>;
	readonly body?: unknown;
};

/** By the action's name. */
export const EXAMPLES: Readonly<Record<string, Example>> = {};
