import { createHash } from "node:crypto";
import type { RowOutcome } from "../../schemas/products.imports";
import { fold } from "../../schemas/values/text";
import type { Group } from "./resolve-rows";

/**
 * Equal for all rows of a product, whatever the rules of products make of the blanks in its name. Products that are named alike
 * may share it.
 */
const roughKey = (name: string): string =>
	createHash("sha1").update(fold(name).replace(/\s+/gu, "")).digest("base64url");

/** Finds names whose rows are in several batches; takes those of all rows in their order. */
export class SpreadNames {
	private readonly firstBatch = new Map<string, number>();
	private readonly spread = new Set<string>();

	add(name: string, batch: number): void {
		const key = roughKey(name);
		const first = this.firstBatch.get(key);
		if (first === undefined) this.firstBatch.set(key, batch);
		else if (first !== batch) this.spread.add(key);
	}

	has(name: string): boolean {
		return this.spread.has(roughKey(name));
	}
}

/**
 * A trial stores nothing, so it keeps the accepted rows of products that are spread over batches, and has these tried again
 * together with the later ones.
 */
export class Trial {
	/** By product id, or by the key of a product that would be new. */
	private readonly accepted = new Map<string, Group>();

	constructor(private readonly names: SpreadNames) {}

	/** The group with the rows of its product that were accepted before. */
	extend(group: Group): Group {
		const earlier = this.accepted.get(group.productId ?? group.key);
		return earlier
			? { ...earlier, productId: group.productId, skus: [...earlier.skus, ...group.skus] }
			: group;
	}

	/** Keeps what was accepted of an extended group. */
	keepAccepted(group: Group, outcomes: readonly RowOutcome[]): void {
		if (!this.names.has(group.name)) return;
		const accepted = new Map(
			outcomes.flatMap(({ line, outcome, productId }) =>
				outcome === "failed" ? [] : [[line, productId] as const]
			)
		);
		const skus = group.skus.filter(({ line }) => accepted.has(line));
		const productId = [...accepted.values()][0] ?? group.productId;
		if (skus.length > 0) this.accepted.set(productId ?? group.key, { ...group, productId, skus });
	}
}
