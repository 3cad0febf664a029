import type { Ctx } from "../../schemas/kit/service";
import { findContractsWith } from "../../schemas/kit/personal-data";
import { contracts } from "../../schemas/registry";

type Part = Readonly<Record<string, unknown>>;

/** Asks every service that holds personal data for what it holds of the user; by the name of the service. */
export async function collectPersonalData(ctx: Ctx<unknown>, userId: string): Promise<Record<string, Part>> {
	const owners = findContractsWith(contracts, "exportPersonalData");
	const parts = await Promise.all(
		owners.map(name => ctx.call<Part, { userId: string }>(`${name}.exportPersonalData`, { userId }))
	);
	return Object.fromEntries(owners.map((name, index) => [name, parts[index] ?? {}]));
}
