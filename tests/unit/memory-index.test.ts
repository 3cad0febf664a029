import { catalogueIndexContract } from "../contracts/catalogue-index.contract";
import { NAMES } from "../support/search-entries";
import { MemoryIndex } from "../../services/search/memory-index";

catalogueIndexContract({
	async makeIndex(entries, names = NAMES) {
		const index = new MemoryIndex();
		index.words.setNames(names);
		await index.store({ entries, gone: [], version: 1 });
		return index;
	},
	store: (index, entries, gone = []) => index.store({ entries, gone, version: 2 })
});
