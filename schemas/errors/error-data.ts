import * as r from "../kit/rules";
import type { RefusalType } from "./error-codes";
import type { FieldFault } from "./errors";
import { NOUNS, type Noun } from "./nouns";

const noun = r.oneOf(...(Object.keys(NOUNS) as Noun[]));
const skuIds = r.list(r.id());
const later = r.obj({ retryAfter: r.opt(r.num({ min: 0 })) });

/**
 * The rules of `data` by error code: what a client may read in it. Codes that are not listed answer `data: null`. The types of
 * `new Refusal(code, message, data)` and the OpenAPI document follow from it.
 */
export const ERROR_DATA = {
	VALIDATION_ERROR: r.list(r.obj({ field: r.str(), type: r.str(), message: r.str() })),
	/** `what` was not found; `id` is what it was asked for by. */
	NOT_FOUND: r.obj({ what: noun, id: r.opt(r.str()) }),
	OUT_OF_STOCK: r.obj({
		items: r.list(r.obj({ skuId: r.id(), requested: r.int(), available: r.int() }))
	}),
	PRICE_CHANGED: r.obj({
		total: r.opt(r.fenSum()),
		expectedTotal: r.opt(r.fenSum()),
		promotionId: r.opt(r.id())
	}),
	/**
	 * `state` is the present one, `allowed` the states to which it can change, or the fields that can be changed. `open` names
	 * what has to end first.
	 */
	INVALID_STATE: r.obj({
		id: r.opt(r.str()),
		state: r.str(),
		allowed: r.list(r.str()),
		open: r.opt(r.list(r.obj({ kind: r.str(), id: r.str() }))),
		/** Units that were asked for and are not there any more. */
		items: r.opt(r.list(r.obj({ skuId: r.id(), requested: r.int(), left: r.int() })))
	}),
	NOT_ON_SHELF: r.obj({ skuIds }),
	/** `id` is the order; `skuId` its line of which no unit is left to claim, absent where the time is over. */
	AFTER_SALE_CLOSED: r.obj({ id: r.str(), skuId: r.opt(r.id()) }),
	/** `field` is the one whose value is taken; the others say by what. */
	DUPLICATE: r.obj({
		field: r.str(),
		code: r.opt(r.str()),
		codes: r.opt(r.list(r.str())),
		id: r.opt(r.str()),
		name: r.opt(r.str()),
		skuIds: r.opt(skuIds)
	}),
	COUPON_UNAVAILABLE: r.obj({ id: r.str(), reason: r.str() }),
	POINTS_UNAVAILABLE: r.obj({ requested: r.int(), usable: r.int() }),
	NOT_DELIVERABLE: r.obj({ items: r.list(r.obj({ skuId: r.id(), province: r.str() })) }),
	IN_USE: r.obj({ id: r.str() }),
	REFUND_EXCEEDS_PAID: r.obj({
		skuId: r.opt(r.id()),
		shipping: r.opt(r.bool()),
		requested: r.opt(r.int()),
		refundable: r.opt(r.int())
	}),
	IDEMPOTENCY_IN_PROGRESS: later,
	VERSION_CONFLICT: r.obj({ id: r.str(), version: r.opt(r.int()) }),
	PURCHASE_LIMIT: r.obj({
		items: r.list(r.obj({ skuId: r.id(), limit: r.int(), bought: r.int(), requested: r.int() }))
	}),
	/** There are `limit` of `what` already. */
	LIMIT_REACHED: r.obj({ what: noun, limit: r.int() }),
	/** The last one of `what` has to stay. */
	LAST_ONE: r.obj({ what: noun, id: r.str() }),
	/** `maxUnpaid` is the number of unpaid orders that one user may have. */
	TOO_MANY_REQUESTS: r.obj({ retryAfter: r.opt(r.num({ min: 0 })), maxUnpaid: r.opt(r.int()) }),
	NOT_CONFIGURED: r.obj({ missing: r.str() }),
	SERVICE_UNAVAILABLE: r.obj({
		retryAfter: r.opt(r.num({ min: 0 })),
		id: r.opt(r.str()),
		channel: r.opt(r.str()),
		date: r.opt(r.str()),
		cause: r.opt(r.str())
	})
} as const satisfies Partial<Readonly<Record<RefusalType, r.Rule<unknown>>>>;
type DataRules = typeof ERROR_DATA;

/** Data of a refusal: as the client gets it, except for faults of fields, whose words depend on the client's language. */
export type ErrorData<T extends RefusalType> = T extends "VALIDATION_ERROR"
	? readonly FieldFault[]
	: T extends keyof DataRules
		? r.TypeOf<DataRules[T]>
		: undefined;
