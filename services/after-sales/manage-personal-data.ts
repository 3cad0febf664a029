import type { AfterSaleView } from "../../schemas/after-sales.contract";
import type { OpenMatter } from "../../schemas/kit/personal-data";
import { NotYetError } from "../../schemas/errors/errors";
import { OPEN_STATUSES, VISIBLE_STATUSES } from "./after-sale.domain";
import { toView } from "./after-sale-view.domain";
import { call } from "../../schemas/registry";
import { selectUploads } from "../../schemas/values/uploads";
import { pictureOwnerOf } from "./open-case";
import type { AfterSalesContext, Via } from "./after-sales.context";

type Cases = Pick<AfterSalesContext, "cases">;

/** All cases of the buyer, newest first. */
export async function exportCases({ cases }: Cases, userId: string): Promise<AfterSaleView[]> {
	const found = await cases.find({ userId, status: { $in: VISIBLE_STATUSES } }, { sort: { _id: -1 } });
	return found.map(toView);
}

export async function listOpenCases({ cases }: Cases, userId: string): Promise<OpenMatter[]> {
	const open = await cases.find(
		{ userId, status: { $in: OPEN_STATUSES } },
		{ sort: { _id: -1 }, limit: 20, fields: ["_id"] }
	);
	return open.map(({ _id }) => ({ kind: "after_sale", id: _id }));
}

/** Stands in place of a personal text that was erased. */
const ERASED = "***";

/** Erases what the buyer told in cases that are over. One that was opened while the account was closed must end first. */
export async function eraseBuyer({ cases }: Cases, via: Via, userId: string): Promise<void> {
	const over = { userId, status: { $nin: OPEN_STATUSES } };
	for (const afterSale of await cases.find(over, { fields: ["images", "timeline"] })) {
		if (selectUploads(afterSale.images).length)
			await call(via, "uploads.release", { owner: pictureOwnerOf(afterSale) });
		const timeline = afterSale.timeline.map(entry => ({ ...entry, reason: entry.reason && ERASED }));
		await cases.changeMany(
			{ ...over, _id: afterSale._id },
			{
				$set: { description: null, images: [], reason: ERASED, timeline },
				$unset: { returnShipment: "" }
			}
		);
	}
	if ((await cases.count({ userId, status: { $in: OPEN_STATUSES } })) > 0)
		throw new NotYetError(`Cases of the closed account ${userId} are still open`);
}
