import { randomInt } from "node:crypto";
import { hashContent, keyReused, runKeyed } from "../../mixins/platform";
import { invalid, isDefiniteRefusal, Refusal } from "../../schemas/errors/errors";
import type { afterSales, AfterSaleView } from "../../schemas/after-sales.contract";
import type { ActionsOf, AnswerOf, PayloadOf } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import type { orders } from "../../schemas/orders.contract";
import { call, fact } from "../../schemas/registry";
import { createIdSequence } from "../../schemas/values/new-id";
import { selectUploads } from "../../schemas/values/uploads";
import { toViewAtOpening } from "./after-sale-view.domain";
import { identify, transition } from "./after-sale.transitions";
import type { AfterSale } from "./after-sale.domain";
import type { AfterSalesContext, Via } from "./after-sales.context";
import { checkExchange } from "./exchange-goods";

type Request = Omit<PayloadOf<ActionsOf<typeof afterSales>["afterSales.create"]>, "key">;
type Claim = AnswerOf<ActionsOf<typeof orders>["orders.claimUnits"]>;

const newCaseId = createIdSequence();
/** A case that is being opened for longer was left by a crash. */
const OPENING_MS = 30_000;

/** Opens a case once for the user's idempotency key; a repeated request gets the first answer again. */
export async function openOnce(
	context: AfterSalesContext,
	ctx: Ctx<unknown>,
	userId: string,
	{ key: clientKey, ...request }: Request & { readonly key: string }
): Promise<AfterSaleView> {
	const key = `${userId}:${clientKey}`;
	const fingerprint = hashContent(request);
	const opened = await runKeyed<AfterSale>(
		context.refusals,
		ctx,
		{ key, fingerprint },
		{
			async find() {
				const known = await context.cases.findOne({ key });
				return known && assertSameRequest(known, fingerprint);
			},
			run: () => openCase(context, ctx, { ...request, userId, key, fingerprint })
		}
	);
	return toViewAtOpening(opened);
}

function assertSameRequest(known: AfterSale, fingerprint: string): AfterSale {
	if (known.fingerprint !== fingerprint) throw keyReused();
	if (known.status === "creating" || known.status === "undoing")
		throw new Refusal("IDEMPOTENCY_IN_PROGRESS", "The case is being opened", { retryAfter: 1 });
	return known;
}

export type OpenRequest = Request & Required<Pick<AfterSale, "userId" | "key" | "fingerprint">>;

/**
 * Opens a case: stores it as `creating`, has the order claim its units, and only then lets it be seen. A case whose opening was
 * interrupted is undone by the sweep.
 */
export async function openCase(
	context: AfterSalesContext,
	ctx: Ctx<unknown>,
	request: OpenRequest
): Promise<AfterSale> {
	const { orderId, userId, type, items, amount, exchangeSkuId } = request;
	if (type === "exchange") {
		if (amount !== undefined) throw invalid("amount", "notInExchange");
		await checkExchange(ctx, request);
	} else if (exchangeSkuId !== undefined) throw invalid("exchangeSkuId", "exchangeOnly");
	const quote = await call(ctx, "orders.quoteUnits", { orderId, userId, type, items });
	if (amount !== undefined && amount > quote.maximum) throw invalid("amount", "refundMax", quote.maximum);

	const draft = draftCase(request, quote);
	const urls = selectUploads(draft.images);
	if (urls.length) await call(ctx, "uploads.claim", { owner: pictureOwnerOf(draft), urls });
	const stored = await context.cases.insertOnce(draft, { key: request.key });
	if (stored !== draft) {
		await releasePictures(ctx, draft);
		return assertSameRequest(stored, draft.fingerprint);
	}
	try {
		const claim = await call(ctx, "orders.claimUnits", {
			claimId: draft._id,
			orderId,
			userId,
			type,
			items
		});
		return await showCase(context, draft, claim);
	} catch (err) {
		// A refusal means that nothing was claimed. After any other error the outcome is unknown: the units are released first.
		if (isDefiniteRefusal(err)) await forgetCase(context, ctx, draft, "creating");
		else await undoOpening(context, ctx, draft);
		throw err;
	}
}

function draftCase(request: OpenRequest, quote: Claim): AfterSale {
	const { orderId, userId, type, key, fingerprint, reason, description, images, exchangeSkuId } = request;
	const createdAt = new Date();
	return {
		_id: newCaseId(),
		afterSaleNo: makeNumber(createdAt),
		orderId,
		orderNo: quote.orderNo,
		userId,
		type,
		status: "creating",
		key,
		fingerprint,
		items: [],
		unsent: false,
		reason,
		description: description ?? null,
		images: images ?? [],
		exchangeSkuId: exchangeSkuId ?? null,
		amount: request.amount ?? quote.maximum,
		amountChosen: request.amount !== undefined,
		attempts: 0,
		restocked: [],
		timeline: [],
		deadline: new Date(createdAt.getTime() + OPENING_MS),
		createdAt,
		updatedAt: createdAt
	};
}

/** `A`, the time to the second (UTC) and nine random digits: sorts by time, and can't be guessed. */
const makeNumber = (at: Date): string =>
	`A${at.toISOString().replace(/\D/g, "").slice(2, 14)}${String(randomInt(10 ** 9)).padStart(9, "0")}`;

/** Lets the case be seen with the units that the order holds for it. */
async function showCase(context: AfterSalesContext, draft: AfterSale, claim: Claim): Promise<AfterSale> {
	const items = claim.items.map(({ unsent: _unsent, ...item }) => item);
	const unsent = claim.items.every(item => item.unsent === item.quantity);
	const paysBack = draft.type !== "exchange";
	const amount = draft.amountChosen ? Math.min(draft.amount, claim.maximum) : claim.maximum;
	const approveBy = new Date(Date.now() + context.config.get("afterSales.autoApprove") * 1000);
	const shown = await transition(
		context,
		draft,
		{
			to: "requested",
			event: "requested",
			by: draft.userId,
			reason: draft.reason,
			set: { items, unsent, amount: paysBack ? amount : 0 },
			...(unsent && { deadline: approveBy })
		},
		fact("after_sale.requested", {
			...identify(draft),
			afterSaleNo: draft.afterSaleNo,
			items: items.map(({ skuId, quantity }) => ({ skuId, quantity }))
		})
	);
	if (!shown)
		throw new Refusal("SERVICE_UNAVAILABLE", "Opening took too long and was undone", { retryAfter: 1 });
	return shown;
}

/** Undoes a case whose opening was interrupted: bars the claim of its units, then forgets the case. */
export async function undoOpening(
	{ cases }: Pick<AfterSalesContext, "cases">,
	via: Via,
	draft: AfterSale
): Promise<void> {
	const { _id, orderId } = draft;
	await cases.change({ _id, status: "creating" }, { $set: { status: "undoing" } });
	if ((await cases.findOne({ _id }))?.status !== "undoing") return;
	await call(via, "orders.releaseUnits", { orderId, claimId: _id });
	await forgetCase({ cases }, via, draft, "undoing");
}

/** The owner of the pictures that a case shows. */
export const pictureOwnerOf = ({ _id }: Pick<AfterSale, "_id">): string => `afterSale:${_id}`;

async function releasePictures(via: Via, draft: AfterSale): Promise<void> {
	if (selectUploads(draft.images).length)
		await call(via, "uploads.release", { owner: pictureOwnerOf(draft) });
}

async function forgetCase(
	{ cases }: Pick<AfterSalesContext, "cases">,
	via: Via,
	draft: AfterSale,
	status: "creating" | "undoing"
): Promise<void> {
	await releasePictures(via, draft);
	await cases.remove({ _id: draft._id, status });
}
