import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { url } from "./kit/text-rules";
import { TOPIC } from "./values/topics";

/** Who may have the shop call other systems: the deliveries carry every fact. */
const ADMIN = ["admin"] as const;
const topics = () =>
	r.list(r.str({ max: 64, pattern: TOPIC, about: "`order.paid`, `order.*` or `*`" }), {
		min: 1,
		max: 50,
		unique: true
	});
/** A secret of Standard Webhooks: 24 to 64 bytes in base64. */
const secret = () =>
	r.secret(
		r.str({
			max: 100,
			pattern: /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/,
			about: "`whsec_` and 24 to 64 bytes in base64"
		})
	);

const fields = {
	id: r.id(),
	url: r.str(),
	topics: r.list(r.str()),
	enabled: r.bool(),
	/** Since when every attempt failed; null while attempts succeed. */
	failingSince: r.orNull(r.time()),
	/** When the shop switched it off, because it failed for too long. */
	switchedOffAt: r.orNull(r.time()),
	createdAt: r.time(),
	updatedAt: r.time()
};
const webhook = r.obj("Webhook", fields);
export type WebhookView = r.TypeOf<typeof webhook>;

const DELIVERY_STATUSES = ["pending", "delivered", "failed"] as const;
const delivery = r.obj("WebhookDelivery", {
	id: r.id(),
	webhookId: r.id(),
	/** The id of the fact, and the header `webhook-id` of every attempt. */
	eventId: r.id(),
	type: r.str(),
	status: r.oneOf(...DELIVERY_STATUSES),
	attempts: r.int({ min: 0 }),
	/** The HTTP status of the last answer; null where none came. */
	lastStatus: r.orNull(r.int()),
	lastError: r.orNull(r.text()),
	nextAttemptAt: r.orNull(r.time()),
	createdAt: r.time(),
	endedAt: r.orNull(r.time())
});
export type DeliveryView = r.TypeOf<typeof delivery>;

const ofId = { id: r.id() };
const notFound = { errors: ["NOT_FOUND"] } as const;

export const webhooks = contract("webhooks", {
	list: action(r.cursorPaging)
		.returns(r.pageOf(webhook))
		.rest("GET /admin/webhooks", ADMIN, "Endpoints of other systems, newest first"),
	get: action(ofId)
		.returns(webhook)
		.rest("GET /admin/webhooks/:id", ADMIN, "An endpoint; its secret is not shown", notFound),
	create: action({ url: url(), topics: topics(), secret: r.opt(secret()), enabled: r.opt(r.bool()) })
		.returns(r.obj({ ...fields, secret: r.secret(r.str()) }))
		.rest(
			"POST /admin/webhooks",
			ADMIN,
			"Have facts delivered to an endpoint; the only answer with its secret",
			{
				status: 201,
				errors: ["LIMIT_REACHED"]
			}
		),
	edit: action({
		...ofId,
		url: r.opt(url()),
		topics: r.opt(topics()),
		secret: r.opt(secret()),
		enabled: r.opt(r.bool())
	})
		.returns(webhook)
		.rest("PATCH /admin/webhooks/:id", ADMIN, "Change an endpoint, or switch it on or off", notFound),
	remove: action(ofId)
		.returns(r.nothing)
		.rest("DELETE /admin/webhooks/:id", ADMIN, "Remove an endpoint with its deliveries", notFound),
	rotateSecret: action(ofId)
		.returns(r.obj({ secret: r.secret(r.str()) }))
		.rest(
			"POST /admin/webhooks/:id/rotate-secret",
			ADMIN,
			"A new secret; for a day deliveries are signed with the old one as well",
			notFound
		),
	test: action(ofId)
		.returns(delivery)
		.rest("POST /admin/webhooks/:id/test", ADMIN, "Send a `webhook.test` now, once", notFound),
	deliveries: action({ ...ofId, ...r.cursorPaging, status: r.opt(r.oneOf(...DELIVERY_STATUSES)) })
		.returns(r.pageOf(delivery))
		.rest(
			"GET /admin/webhooks/:id/deliveries",
			ADMIN,
			"Deliveries to an endpoint, newest first",
			notFound
		),
	retry: action(ofId)
		.returns(delivery)
		.rest(
			"POST /admin/webhooks/deliveries/:id/retry",
			ADMIN,
			"Deliver it again, from now on for a day",
			notFound
		)
});

export const webhookEvents = {
	"webhook.delivery_failed": event({
		webhookId: r.id(),
		deliveryId: r.id(),
		eventId: r.id(),
		type: r.str(),
		error: r.text()
	}).means("A delivery failed for a day and was given up: a dead letter, whose replay delivers it again"),
	"webhook.switched_off": event({ webhookId: r.id(), failingSince: r.time() }).means(
		"An endpoint failed for a day and was switched off"
	)
};
