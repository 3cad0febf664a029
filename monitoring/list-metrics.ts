import { globSync } from "node:fs";
import { join } from "node:path";
import type { MetricDefinition } from "../schemas/kit/metric";

const FOLDERS = ["infrastructure", "middlewares", "mixins", "invariants", "services"];
const isMetric = (value: unknown): value is MetricDefinition =>
	typeof value === "object" && value !== null && "type" in value && "name" in value;

/** All metrics that the code below the folder `root` defines: constants of `*.metrics.ts`, by themselves or in a record. */
export const listMetrics = (root: string): MetricDefinition[] =>
	FOLDERS.flatMap(folder => globSync(`${folder}/**/*.metrics.ts`, { cwd: root }))
		.flatMap(file => Object.values(require(join(root, file)) as Record<string, object>))
		.flatMap(exported => (isMetric(exported) ? [exported] : Object.values(exported).filter(isMetric)));
