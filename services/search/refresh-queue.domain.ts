/** What is to be read anew. Products: at once, or in a while, when the service that owns them will have handled a fact as well. */
export class RefreshQueue {
	/** The names of categories, brands and attributes are to be read anew. */
	areNamesDue = false;
	areSynonymsDue = false;
	private readonly due = new Set<string>();
	/** In two generations: `advance` makes the older one due. */
	private later = new Set<string>();
	private soon = new Set<string>();

	add(id: string): void {
		this.due.add(id);
	}

	addLater(id: string): void {
		this.later.add(id);
	}

	/** Call at regular intervals: what was added before the last call is due now. */
	advance(): void {
		for (const id of this.soon) this.due.add(id);
		this.soon = this.later;
		this.later = new Set();
	}

	get dueCount(): number {
		return this.due.size;
	}

	take(limit: number): string[] {
		const taken = [];
		for (const id of this.due) {
			if (taken.length >= limit) break;
			taken.push(id);
			this.due.delete(id);
		}
		return taken;
	}
}
