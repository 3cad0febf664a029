import type { Middleware } from "moleculer";
import { backends } from "../infrastructure/backends";
import { settings } from "../settings";

type StoreMark = { readonly _id: "production"; readonly since: Date };

/**
 * Marks the store as production's at the first start there, and refuses any later start outside production on it: demo
 * accounts with public passwords, emulated payments and short-cuts for developers must not reach a live shop.
 */
export const environmentMiddleware = (): Middleware => ({
	name: "Environment",
	async starting() {
		const marks = backends.collection<StoreMark>("store_marks");
		if (settings.production) await marks.insertMissing([{ _id: "production", since: new Date() }]);
		else if (await marks.findOne({ _id: "production" }))
			throw new Error(
				"这里是生产环境的数据，请设 NODE_ENV=production / this store belongs to production: set NODE_ENV=production"
			);
	}
});
