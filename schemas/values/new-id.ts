import { monotonicFactory, ulid } from "ulid";

/** Random bytes, drawn 4,096 at a time: a draw for each of an id's 16 characters would cost more than the rest of a write. */
const drawn = new Uint8Array(4096);
let used = drawn.length;

function randomFraction(): number {
	if (used === drawn.length) {
		crypto.getRandomValues(drawn);
		used = 0;
	}
	return (drawn[used++] ?? 0) / 256;
}

/** A new ULID. */
export const newId = (): string => ulid(undefined, randomFraction);

/** A function that returns ULIDs of which each is greater than the one before. */
export const createIdSequence = (): (() => string) => {
	const next = monotonicFactory(randomFraction);
	return () => next();
};
