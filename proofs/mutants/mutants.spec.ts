import { readFileSync } from "node:fs";
import { join } from "node:path";
import instrumentation from "../crash/instrumentation";
import mutants from "./mutants";
import { ROOT } from "../../tests/support/root";

it.each([...mutants, { name: "crash points", edits: instrumentation }])(
	"still fits the code: $name",
	({ edits }) => {
		const places = edits.map(
			({ file, from }) => readFileSync(join(ROOT, file), "utf8").split(from).length - 1
		);

		expect(places).toEqual(edits.map(() => 1));
	}
);
