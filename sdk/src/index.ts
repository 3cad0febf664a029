export { createIdempotencyKey, createShopClient, type ShopClient, type ShopClientOptions } from "./client.js";
export { hasCode, NoAnswerError, ShopError, type ErrorCode, type ErrorData } from "./errors.js";
export type { FollowOptions, ShopEvent } from "./event-stream.js";
export type { RetryOptions } from "./retry.js";
export type { components, FactName, operations, paths, UserFactName } from "./schema.js";
export { createMemoryStore, type Tokens, type TokenStore } from "./session.js";
