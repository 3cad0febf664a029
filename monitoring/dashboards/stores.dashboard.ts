import { KEY_VALUE_DURATION, STORE_DURATION } from "../../infrastructure/documents/documents.metrics";
import {
	COMMIT_DURATION,
	DATABASE_BYTES,
	DISK_BYTES,
	POOL_CONNECTIONS,
	POOL_WAIT
} from "../../middlewares/process.metrics";
import { CACHE_REQUESTS } from "../../mixins/mixins.metrics";
import { quantile, quantiles, select, sumRate, type DashboardDefinition } from "./panels";

export const stores: DashboardDefinition = {
	uid: "zjmall-stores",
	title: "zjMall: stores",
	rows: [
		{
			title: "Documents and key-value state",
			panels: [
				{
					title: "Reads of documents",
					unit: "s",
					queries: quantiles(STORE_DURATION, 'operation="read"')
				},
				{
					title: "Writes of documents",
					unit: "s",
					queries: quantiles(STORE_DURATION, 'operation="write"')
				},
				{
					title: "Operations a second",
					unit: "ops",
					queries: [
						[sumRate(`${STORE_DURATION.name}_count`, "operation"), "documents, {{operation}}"],
						[sumRate(`${KEY_VALUE_DURATION.name}_count`, "operation"), "key-value, {{operation}}"]
					]
				},
				{
					title: "Key-value state (p99)",
					unit: "s",
					queries: [[quantile(0.99, KEY_VALUE_DURATION, "operation"), "{{operation}}"]]
				},
				{
					title: "Found in the caches",
					unit: "percentunit",
					queries: [
						[
							`${sumRate(CACHE_REQUESTS, "cache", 'outcome="hit"')} / ${sumRate(CACHE_REQUESTS, "cache")}`,
							"{{cache}}"
						]
					]
				}
			]
		},
		{
			title: "SQLite",
			panels: [
				{ title: "Commits", unit: "s", queries: quantiles(COMMIT_DURATION) },
				{
					title: "Size of the file and of its log",
					unit: "bytes",
					queries: [[`max by (file) (${select(DATABASE_BYTES)})`, "{{file}}"]]
				},
				{
					title: "Disk of the data folder",
					unit: "bytes",
					queries: [[`min by (state) (${select(DISK_BYTES)})`, "{{state}}"]]
				}
			]
		},
		{
			title: "MongoDB",
			panels: [
				{ title: "Wait for a connection", unit: "s", queries: quantiles(POOL_WAIT) },
				{
					title: "Connections",
					unit: "short",
					queries: [
						[`sum by (state, instance) (${select(POOL_CONNECTIONS)})`, "{{state}} {{instance}}"]
					]
				}
			]
		}
	]
};
