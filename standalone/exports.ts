/**
 * The package `zjmall`: what a service in a folder of its own builds on. `npm run new -- --standalone <folder>` writes such a
 * folder.
 */
export { cacheMixin } from "../mixins/cache.mixin";
export { keyValueMixin } from "../mixins/key-value.mixin";
export { scheduleMixin } from "../mixins/schedule.mixin";
export { collection, storeMixin } from "../mixins/store.mixin";
export { invalid, invalidState, isRefusal, notFound, NotYetError, Refusal } from "../schemas/errors/errors";
export { getStaffId, requireUserId } from "../schemas/kit/caller";
export { action, contract, type Policy, type Role } from "../schemas/kit/contract";
export * as r from "../schemas/kit/rules";
export type { Caller, Ctx, Meta } from "../schemas/kit/service";
export { call, contracts, events, service, type Actions, type Events } from "../schemas/registry";
export { startAlone } from "./start-alone";
