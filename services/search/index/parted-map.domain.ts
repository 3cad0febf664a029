const PARTS = 256;

/** A map in parts: a large one is copied as a whole when it grows, which would hold up everything else for tens of milliseconds. */
export class PartedMap<V> {
	private readonly parts = Array.from({ length: PARTS }, () => new Map<string, V>());
	size = 0;

	get(key: string): V | undefined {
		return this.partOf(key).get(key);
	}

	has(key: string): boolean {
		return this.partOf(key).has(key);
	}

	set(key: string, value: V): void {
		const part = this.partOf(key);
		const before = part.size;
		part.set(key, value);
		this.size += part.size - before;
	}

	delete(key: string): void {
		if (this.partOf(key).delete(key)) this.size--;
	}

	/** FNV-1a over the last characters, in which ids and tokens differ most. */
	private partOf(key: string): Map<string, V> {
		let hash = 0x811c9dc5;
		for (let i = Math.max(0, key.length - 8); i < key.length; i++)
			hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
		return this.parts[(hash ^ (hash >>> 16)) & (PARTS - 1)] as Map<string, V>;
	}
}
