import { Refusal } from "../../schemas/errors/errors";
import type { ActionsOf, AnswerOf, PayloadOf } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { sandbox } from "../../schemas/sandbox.contract";
import { buildPush } from "./emulators/kuaidi100/kuaidi100-emulator";
import { findNextStage, type EmulatedParcel, type Stage } from "./emulators/kuaidi100/parcel.domain";
import type { NotificationReply, SandboxContext } from "./sandbox.context";

type Advance = ActionsOf<typeof sandbox>["sandbox.advanceShipment"];

/**
 * Moves a parcel on as the emulated tracking service, then pushes it: once, twice, not at all, or with a forged signature. A
 * stage that the parcel has passed already is pushed as it was then: a late push.
 */
export async function advanceShipment(
	{ shipments, post }: Pick<SandboxContext, "shipments" | "post">,
	ctx: Ctx<unknown>,
	{ trackingNo, status, notify = "once" }: PayloadOf<Advance>
): Promise<AnswerOf<Advance>> {
	await call(ctx, "shipping.subscribe", { trackingNo });
	const found = await shipments.findOne({ _id: trackingNo });
	if (!found)
		throw new Refusal("NOT_FOUND", "The emulated tracking service knows no such parcel", {
			what: "shipment",
			id: trackingNo
		});
	const stage = status ?? findNextStage(found);
	const parcel = notify === "forged" ? pass(found, stage) : await moveOn({ shipments }, trackingNo, stage);
	const push = buildPush(parcel, stage, notify === "forged");
	const notifications: NotificationReply[] = [];
	for (let sent = 0; sent < { never: 0, once: 1, forged: 1, twice: 2 }[notify]; sent++)
		notifications.push(await post(push));
	return { trackingNo, status: stage, notifications };
}

/** The parcel after this stage; as it is where it has passed it. */
const pass = (parcel: EmulatedParcel, stage: Stage): EmulatedParcel =>
	parcel.passed.some(passed => passed.stage === stage)
		? parcel
		: { ...parcel, passed: [...parcel.passed, { stage, at: new Date() }] };

const moveOn = ({ shipments }: Pick<SandboxContext, "shipments">, id: string, stage: Stage) =>
	shipments.rewrite(id, parcel => {
		const { passed } = pass(parcel, stage);
		return passed === parcel.passed
			? null
			: { guard: { passed: { $size: parcel.passed.length } }, update: { $set: { passed } } };
	});
