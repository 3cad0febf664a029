import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parser } from "@grafana/lezer-logql";
import { parse } from "yaml";
import { LOG_CODES } from "../../infrastructure/log-codes";
import { ROOT } from "../support/root";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** What the parser of LogQL can't make sense of in a query. */
function findSyntaxErrors(query: string): string[] {
	const errors: string[] = [];
	parser.parse(query).iterate({
		enter({ type, from }) {
			if (type.isError) errors.push(`${query} at ${from}`);
		}
	});
	return errors;
}

const { groups } = parse(read("deploy/loki/rules.yaml")) as {
	groups: { rules: { expr: string }[] }[];
};
const rules = groups.flatMap(group => group.rules.map(({ expr }) => expr));

it("finds a wrong query", () => {
	expect(findSyntaxErrors("{service_name=zjmall} | json")).not.toEqual([]);
});

it("has rules of valid LogQL, about codes that exist", () => {
	const codes = rules.join(" ").match(/\b[A-Z]+_[A-Z_]+\b/g) ?? [];

	expect(rules.flatMap(findSyntaxErrors)).toEqual([]);
	expect(codes.length).toBeGreaterThan(3);
	expect(codes.filter(code => !Object.hasOwn(LOG_CODES, code))).toEqual([]);
});

it("documents queries of valid LogQL", () => {
	const [, block = ""] = /^```logql\n(.*?)^```$/ms.exec(read("docs/operations.md")) ?? [];
	const queries = block.split("\n\n").map(query => query.replace(/^#.*$/gm, "").trim());

	expect(queries.length).toBeGreaterThan(3);
	expect(queries.flatMap(findSyntaxErrors)).toEqual([]);
});
