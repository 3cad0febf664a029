import type { Store } from "../../mixins/store.mixin";
import { DAY_MS } from "../../schemas/durations";
import { isRefusal } from "../../schemas/errors";
import type { Counted } from "./follow-category";
import { move, type Self } from "./edit-product";

type Sweeper = Self & { readonly counted: Store<Counted> };
const BATCH = 100;
/** Repetitions of a fact come within days, replays of dead letters within weeks. */
const REMEMBERED_MS = 90 * DAY_MS;

/** Takes the steps whose time has come. The guard holds the very time, so that what was planned anew meanwhile stays. */
export async function keepShelfTimes(this: Sweeper): Promise<void> {
	const due = await this.products.find(
		{ "schedule.at": { $lte: new Date() } },
		{ sort: { "schedule.at": 1 }, limit: BATCH }
	);
	for (const { _id, schedule } of due) {
		if (!schedule) continue;
		await move(this, _id, schedule.to, { due: schedule.at }).catch((err: unknown) => {
			if (!isRefusal(err, "INVALID_STATE") && !isRefusal(err, "NOT_FOUND")) throw err;
		});
	}
}

export async function forgetCounted(this: Sweeper): Promise<void> {
	await this.counted.remove({ at: { $lt: new Date(Date.now() - REMEMBERED_MS) } });
}
