import { readFileSync } from "node:fs";
import { join } from "node:path";
import mutants from "./mutants";
import { ROOT } from "../../tests/support/root";

it.each(mutants)("still fits the code: $name", ({ edits }) => {
	const places = edits.map(
		({ file, from }) => readFileSync(join(ROOT, file), "utf8").split(from).length - 1
	);

	expect(places).toEqual(edits.map(() => 1));
});
