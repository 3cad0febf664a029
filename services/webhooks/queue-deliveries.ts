import { randomUUID } from "node:crypto";
import { createDelivery, wants } from "./webhook.domain";
import type { Reader, WebhooksContext } from "./webhooks.context";

const READER = "facts";
/** Names this process in the reader's lease. */
const ME = randomUUID();
const LEASE_MS = 10_000;
const PAGE_SIZE = 200;
/** Pauses between two looks at the log, with and without enabled endpoints, in ms. */
const POLL_MS = 200;
const IDLE_MS = 1_000;
/** How old a stored position may become while nothing happens: far less than facts are kept. */
const MAX_POSITION_AGE_MS = 3_600_000;
/** Endpoints that a shop can have. */
export const MAX_WEBHOOKS = 50;

const NEW_READER: Reader = {
	_id: READER,
	position: null,
	owner: null,
	until: new Date(0),
	movedAt: new Date(0),
	version: 0
};

/**
 * Places the reader at the end of the log, unless it has a place. Called after an endpoint was enabled and before that is
 * answered: what happens from then on is delivered. It raises the version in any case, so that a process that found no
 * endpoint a moment before does not take the place away.
 */
export async function placeReader({ readers, facts }: WebhooksContext): Promise<void> {
	const { position: end } = await facts.readLog(null, 1);
	await readers.rewrite(
		READER,
		({ position, version }) => ({
			guard: { version },
			update: { $set: { position: position ?? end, version: version + 1, movedAt: new Date() } }
		}),
		{ initial: NEW_READER }
	);
}

/**
 * Makes deliveries of the next facts of the log, in one process at a time. A delivery has the ids of fact and endpoint for its
 * own, so facts that are read again after a crash are delivered once. Resolves to the pause before the next run.
 */
export async function queueDeliveries(context: WebhooksContext): Promise<number> {
	const { webhooks, readers } = context;
	const reader = await readers.findOne({ _id: READER });
	const enabled = await webhooks.find({ enabled: true }, { limit: MAX_WEBHOOKS });
	if (enabled.length === 0) {
		if (reader && reader.position !== null) await forgetPosition(context, reader);
		return IDLE_MS;
	}
	if (!reader?.position) {
		await placeReader(context);
		return 0;
	}
	const held = await holdLease(context, reader);
	if (!held?.position) return IDLE_MS;
	const page = await context.facts.readLog(held.position, PAGE_SIZE);
	if (page.gap)
		context.logger.warn({}, "The log of facts has a gap: webhooks may have missed facts of an outage");
	const now = new Date();
	const due = page.facts.flatMap(fact =>
		enabled.filter(webhook => wants(webhook, fact)).map(({ _id }) => createDelivery(_id, fact, now))
	);
	if (due.length > 0) await context.deliveries.insertMissing(due);
	if (page.facts.length > 0 || now.getTime() - held.movedAt.getTime() > MAX_POSITION_AGE_MS)
		await readers.change(
			{ _id: READER, version: held.version, owner: ME },
			{ $set: { position: page.position, movedAt: now, version: held.version + 1 } }
		);
	if (due.length > 0) context.wake();
	return page.behind > 0 ? 0 : POLL_MS;
}

async function forgetPosition({ readers }: WebhooksContext, { version }: Reader): Promise<void> {
	await readers.change({ _id: READER, version }, { $set: { position: null, version: version + 1 } });
}

/** Takes or renews the lease of the reader; null where another process has it. */
async function holdLease({ readers }: WebhooksContext, reader: Reader): Promise<Reader | null> {
	const now = Date.now();
	const left = reader.until.getTime() - now;
	if (reader.owner === ME && left > LEASE_MS / 2 && left <= LEASE_MS) return reader;
	const isFree = reader.owner === ME || left <= 0 || left > LEASE_MS + 60_000; // the last was set by a wrong clock
	if (!isFree) return null;
	return readers.change(
		{ _id: READER, owner: reader.owner, until: reader.until },
		{ $set: { owner: ME, until: new Date(now + LEASE_MS) } }
	);
}

/** Lets another process go on at once. */
export async function leaveReader({ readers }: WebhooksContext): Promise<void> {
	await readers.change({ _id: READER, owner: ME }, { $set: { owner: null, until: new Date(0) } });
}
