import { isRefusal, Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { getCountedNetwork } from "../../schemas/values/ip-address";
import { settings } from "../../settings";
import type { AuthContext } from "./auth.context";
import { signPassword } from "./derived-keys";
import { findDeviceId } from "./device-token";
import { normalizePassword } from "./hash-password";
import { withLockout } from "./lockout";

type Throttles = Pick<AuthContext, "kv" | "config">;
type Attempt = {
	readonly phone: string;
	readonly password: string;
	readonly deviceToken?: string | undefined;
};

/**
 * Runs a log-in by password under every limit, before anything is hashed. A device that the phone's owner has used counts for
 * itself alone, so no stranger can shut it out. Any other counts for the phone, for its address, and for the password: wrong
 * log-ins with one password at many phones are a password spray. Refuses with TOO_MANY_REQUESTS.
 */
export async function withLoginThrottles<R>(
	context: Throttles,
	ctx: Ctx<unknown>,
	{ phone, password, deviceToken }: Attempt,
	check: () => Promise<R>
): Promise<R> {
	const deviceId = findDeviceId(deviceToken, phone);
	if (deviceId) return withLockout(context, `device:${deviceId}`, check);
	const { ip } = ctx.meta;
	const limits = [
		{
			key: `spray:${signPassword(normalizePassword(password))}`,
			max: context.config.get("auth.failuresPerPassword")
		},
		...(ip !== undefined && settings.limitsPerIp
			? [{ key: `from:${getCountedNetwork(ip)}`, max: context.config.get("auth.failuresPerAddress") }]
			: [])
	];
	for (const limit of limits) await assertBelowLimit(context, limit);
	return withLockout(context, phone, async () => {
		try {
			return await check();
		} catch (err) {
			if (isRefusal(err, "BAD_CREDENTIALS"))
				await Promise.all(limits.map(({ key }) => increaseCount(context, key)));
			throw err;
		}
	});
}

/** Counts one message to send for the address of its requester. Refuses with TOO_MANY_REQUESTS. */
export async function consumeAddressQuota(context: Throttles, ctx: Ctx<unknown>): Promise<void> {
	const { ip } = ctx.meta;
	if (ip === undefined || !settings.limitsPerIp) return;
	const limit = {
		key: `sms-from:${getCountedNetwork(ip)}`,
		max: context.config.get("sms.perAddressHourly")
	};
	await assertBelowLimit(context, limit);
	await increaseCount(context, limit.key, 3_600_000);
}

/** A count with an end, epoch ms; both start with the first event. */
type Count = { readonly count: number; readonly until: number };

async function assertBelowLimit(
	{ kv }: Throttles,
	{ key, max }: { readonly key: string; readonly max: number }
): Promise<void> {
	const stored = await kv.get<Count>(key);
	const remainingMs = (stored?.until ?? 0) - Date.now();
	if (stored && remainingMs > 0 && stored.count >= max)
		throw new Refusal("TOO_MANY_REQUESTS", "Too many attempts of one kind", {
			retryAfter: Math.ceil(remainingMs / 1000)
		});
}

async function increaseCount(
	{ kv, config }: Throttles,
	key: string,
	windowMs = config.get("auth.loginLockout") * 1000
): Promise<void> {
	const now = Date.now();
	await kv.update<Count>(
		key,
		before =>
			before && before.until > now && before.until <= now + windowMs
				? { ...before, count: before.count + 1 }
				: { count: 1, until: now + windowMs },
		windowMs
	);
}
