import { PAYMENT_METRICS } from "../../services/payments/payments.metrics";
import { quantile, sumOfDay, sumRate, type DashboardDefinition } from "./panels";

const { begun, ended, received, refunds, refunded, paying, unmatchedNotifications, differences } =
	PAYMENT_METRICS;

export const payments: DashboardDefinition = {
	uid: "zjmall-payments",
	title: "zjMall: payments",
	rows: [
		{
			title: "Payments",
			panels: [
				{
					title: "Payments begun a minute",
					about: "`unknown`: the channel did not answer, or not in a way that can be trusted.",
					unit: "short",
					queries: [[`60 * ${sumRate(begun, "channel, outcome")}`, "{{channel}} {{outcome}}"]]
				},
				{
					title: "Payments ended a minute",
					unit: "short",
					queries: [[`60 * ${sumRate(ended, "channel, outcome")}`, "{{channel}} {{outcome}}"]]
				},
				{
					title: "Paid of those begun, last 24 hours",
					unit: "percentunit",
					kind: "bars",
					queries: [
						[
							`${sumOfDay(ended, 'outcome="succeeded"', "channel")} / ${sumOfDay(begun, 'outcome="created"', "channel")}`,
							"{{channel}}"
						]
					]
				},
				{
					title: "Money received and sent back an hour",
					unit: "currencyCNY",
					queries: [
						[`36 * ${sumRate(received, "channel")}`, "{{channel}} received"],
						[`36 * ${sumRate(refunded, "channel")}`, "{{channel}} sent back"]
					]
				},
				{
					title: "Time to pay",
					unit: "s",
					queries: [
						[quantile(0.5, paying, "channel"), "{{channel}} p50"],
						[quantile(0.95, paying, "channel"), "{{channel}} p95"]
					]
				},
				{
					title: "Refunds a minute",
					unit: "short",
					queries: [[`60 * ${sumRate(refunds, "channel, outcome")}`, "{{channel}} {{outcome}}"]]
				}
			]
		},
		{
			title: "What does not fit",
			panels: [
				{
					title: "Notifications that were rejected or fit nothing, a minute",
					unit: "short",
					queries: [
						[
							`60 * ${sumRate(unmatchedNotifications, "channel, reason")}`,
							"{{channel}} {{reason}}"
						]
					]
				},
				{
					title: "Differences between a channel's bill and the books, last 24 hours",
					unit: "short",
					kind: "bars",
					queries: [[sumOfDay(differences, "", "channel"), "{{channel}}"]]
				}
			]
		}
	]
};
