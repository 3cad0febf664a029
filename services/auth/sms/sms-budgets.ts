import { randomUUID } from "node:crypto";
import { Refusal } from "../../../schemas/errors/errors";
import type { Ctx } from "../../../schemas/kit/service";
import { call } from "../../../schemas/registry";
import { beijingDay, beijingDayBounds } from "../../../schemas/values/beijing-day";
import { DAY_MS } from "../../../schemas/values/durations";
import type { SmsPurpose } from "../../../schemas/values/sms-kinds";
import type { AuthContext } from "../auth.context";
import { applySmsQuota, computeSecondsUntilNextSms, type SmsQuota } from "../one-time-code.domain";

type Budgets = Pick<AuthContext, "kv" | "config" | "logger">;

/** Counts one message against the phone's quota. Refuses with TOO_MANY_REQUESTS. */
export async function consumeSmsQuota({ kv }: Budgets, phone: string): Promise<void> {
	const requestId = randomUUID();
	const now = Date.now();
	const quota = await kv.update<SmsQuota>(
		`sent:${phone}`,
		before => applySmsQuota(before, requestId, now),
		DAY_MS
	);
	if (quota && quota.last !== requestId)
		throw new Refusal("TOO_MANY_REQUESTS", "Too many messages to this phone", {
			retryAfter: Math.max(1, computeSecondsUntilNextSms(quota, now))
		});
}

/** Codes for these go to phones that have no account yet. */
const STRANGERS_PURPOSES: ReadonlySet<SmsPurpose> = new Set(["register", "bind"]);

/**
 * Counts a message to a phone without an account against the part of the day's budget that strangers may use, so that nobody
 * can use up the messages of those who have one. Resolves to whether it may be sent: beyond the part, TOO_MANY_REQUESTS
 * refuses a code for a new account or phone, while one for an account that does not exist, which could be used for nothing,
 * is left unsent without a word, so that the answer does not tell which phones have accounts.
 */
export async function consumeStrangersBudget(
	context: Budgets,
	ctx: Ctx<unknown>,
	phone: string,
	purpose: SmsPurpose
): Promise<boolean> {
	const needsNoAccount = STRANGERS_PURPOSES.has(purpose);
	if (!needsNoAccount && (await call(ctx, "users.credentials", { phone }))) return true;
	const max = context.config.get("sms.strangersDailyBudget");
	const sent = await countMessage(context, "strangers");
	if (sent === max + 1)
		context.logger.warn(
			{ max },
			"Phones without an account get no more codes today (sms.strangersDailyBudget)"
		);
	if (sent <= max) return true;
	if (needsNoAccount) throw budgetExceeded("sms.strangersDailyBudget");
	return false;
}

/** Counts one message against the shop's budget of the day in Beijing. Refuses with TOO_MANY_REQUESTS. */
export async function consumeSmsBudget(context: Budgets): Promise<void> {
	const sent = await countMessage(context, "all");
	if (sent > context.config.get("sms.dailyBudget")) throw budgetExceeded("sms.dailyBudget");
}

/** The number of messages of this kind today, with this one. */
async function countMessage({ kv }: Budgets, kind: "all" | "strangers"): Promise<number> {
	const key = `budget:${kind}:${beijingDay(new Date())}`;
	return (await kv.update<number>(key, before => (before ?? 0) + 1, 2 * DAY_MS)) ?? 0;
}

function budgetExceeded(key: string): Refusal {
	const now = new Date();
	const untilMidnight = beijingDayBounds(beijingDay(now)).to.getTime() - now.getTime();
	return new Refusal("TOO_MANY_REQUESTS", `The messages of the day are used up (${key})`, {
		retryAfter: Math.ceil(untilMidnight / 1000)
	});
}
