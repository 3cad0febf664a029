/**
 * The parts of the infrastructure that services use without a mixin. Services import `mixins/` and `schemas/` only (a lint
 * rule), so this list is all that they can reach directly.
 */
import { backends } from "../infrastructure/backends";
import { settings } from "../settings";

export { jumpGuardedClock } from "../infrastructure/jump-guarded-clock";
export { getGatewayUrl } from "../infrastructure/gateway-url";
export {
	hashContent,
	keyReused,
	REFUSAL_INDEXES,
	removeExpiredRefusals,
	runKeyed,
	type StoredRefusal
} from "../infrastructure/keyed-requests";
export { exchangeHttp, type HttpReply, type HttpRequest } from "../infrastructure/http-exchange";
export { KeyedBatcher } from "../infrastructure/keyed-batcher";
export { KeyedMutex } from "../infrastructure/keyed-mutex";
export type { Logger } from "../infrastructure/log";
export { logError } from "../infrastructure/log-codes";
export { listNodeLacks } from "../infrastructure/node-lacks";
export { tracing } from "../infrastructure/opentelemetry/tracing";
export { findOrderId } from "../infrastructure/trace/order-id";
export { encodePicture } from "../infrastructure/pictures/picture-encoder";
export type { PictureStorage } from "../infrastructure/pictures/s3-storage";
export {
	ACCEPTED_SECRETS,
	createSealer,
	CURRENT_SECRET,
	deriveKey,
	toSecret,
	type Secret
} from "../infrastructure/shop-secrets";
export {
	IMPOSTOR,
	SANDBOX_ALIPAY,
	SANDBOX_KUAIDI100,
	SANDBOX_WECHAT
} from "../infrastructure/sandbox-keys/keys";

/** Runs a use case whose writes share one commit where the shop is embedded (docs/architecture.md, "Commits"). */
export const { commitTogether, flushCommits } = backends;

/** `embedded` without servers, `distributed` with any; as health checks report it. */
export const { mode: backendMode } = backends;

/** Names of the backends that don't answer now, for health checks; empty when all is well. */
export const findUnavailableBackends = (): Promise<string[]> => backends.findUnavailable();

/** Where the gateways count requests together: Redis, and the prefix of the keys; null without REDIS_URL. */
export function getSharedCounters() {
	const redis = backends.shortTimeoutRedis();
	return redis && { redis, prefix: settings.namespace };
}

/** The bucket for pictures; null where they are kept in the shop's documents. */
export const { openPictureBucket } = backends;

/** The search engine; null where every process has an index of its own. */
export const { openSearchEngine } = backends;
export type { SearchEngineClient } from "../infrastructure/search-engine";
