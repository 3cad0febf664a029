import type { AnyDoc, Collection } from "../infrastructure/documents/collection";
import type { OpenCollection } from "../infrastructure/documents/declared";

type Names = Readonly<Record<string, string>>;

const POLLS: Names = { askAt: "nextPollAt", asked: "pollCount" };

/** Gives stored fields, collections and a config key the names that they have in the code. */
export async function up(collection: OpenCollection): Promise<void> {
	await renameFields(collection("payments"), POLLS);
	await renameFields(collection("refunds"), { ...POLLS, cause: "failureReason" });
	await renameInAnomalies(collection("payments"));
	await renameFields(collection("auth_sessions"), { toldAt: "answeredAt" });
	await renameFields(collection("audit_log"), { what: "action" });
	await moveDocuments(collection("payment_notices"), collection("payment_notifications"), notification => {
		const { what, verdict, ...rest } = notification;
		return {
			...rest,
			verdict: verdict === "odd" ? "unmatched" : verdict,
			...(what !== undefined && { reason: what })
		};
	});
	await moveDocuments(collection("facts_told"), collection("fact_journal"), ({ toldAt, ...entry }) => ({
		...entry,
		publishedAt: toldAt
	}));
	await collection("config_changes").changeMany(
		{ key: "payments.noticesKeepDays" },
		{ $set: { key: "payments.notificationsKeepDays" } }
	);
}

async function renameFields(documents: Collection<AnyDoc>, names: Names): Promise<void> {
	for (const [old, name] of Object.entries(names))
		for (const { _id, [old]: value } of await documents.find(
			{ [old]: { $exists: true } },
			{ fields: [old] }
		))
			await documents.change({ _id }, { $set: { [name]: value }, $unset: { [old]: "" } });
}

async function renameInAnomalies(payments: Collection<AnyDoc>): Promise<void> {
	const found = await payments.find({ "anomalies.what": { $exists: true } }, { fields: ["anomalies"] });
	for (const { _id, anomalies } of found) {
		const renamed = (anomalies as { at: Date; what: string }[]).map(({ at, what }) => ({
			at,
			reason: what
		}));
		await payments.change({ _id }, { $set: { anomalies: renamed } });
	}
}

/** Copies each document before its original is removed, so that a crash between the two loses none. */
async function moveDocuments(
	from: Collection<AnyDoc>,
	to: Collection<AnyDoc>,
	convert: (document: AnyDoc) => AnyDoc
): Promise<void> {
	for (;;) {
		const batch = await from.find({}, { sort: { _id: 1 }, limit: 500 });
		if (batch.length === 0) return;
		await to.insertMissing(batch.map(convert));
		await from.remove({ _id: { $in: batch.map(({ _id }) => _id) } });
	}
}
