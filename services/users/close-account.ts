import { findContractsWith, type OpenMatter } from "../../schemas/kit/personal-data";
import { invalidState } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { contracts, fact } from "../../schemas/registry";
import { removeFromRoster, syncRoster } from "./admin-roster";
import { changedMeanwhile } from "./set-access";
import { closedUser } from "./user.domain";
import type { UsersContext } from "./users.context";

/**
 * Closes an account: ends its sessions, frees its phone and erases the profile, in one write with `user.closed`, by which
 * every other service erases what it holds. Refuses with INVALID_STATE while an order or case is open, or if the account has
 * changed since `epoch`.
 */
export async function closeAccount(
	context: Pick<UsersContext, "users" | "admins">,
	ctx: Ctx<unknown>,
	{ id, epoch }: { readonly id: string; readonly epoch: number }
): Promise<void> {
	const open = await listOpenMatters(ctx, id);
	if (open.length > 0)
		throw invalidState("Orders or cases are still open", { id, state: "open", allowed: [], open });
	await removeFromRoster(context, id);
	const closed = fact("user.closed", { userId: id });
	try {
		await context.users.mustChange(
			id,
			{ status: "active", epoch },
			{ $set: closedUser(id, new Date()), $inc: { epoch: 1 }, $unset: { demo: "" } },
			[closed],
			changedMeanwhile
		);
	} finally {
		await syncRoster(context, id);
	}
}

async function listOpenMatters(ctx: Ctx<unknown>, userId: string): Promise<OpenMatter[]> {
	const owners = findContractsWith(contracts, "listOpenMatters");
	const lists = await Promise.all(
		owners.map(name =>
			ctx.call<readonly OpenMatter[], { userId: string }>(`${name}.listOpenMatters`, { userId })
		)
	);
	return lists.flat();
}
