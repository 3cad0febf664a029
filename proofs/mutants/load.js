const { patch } = require("../../tests/support/register");
const mutants = require("./mutants");

// `node -r ./proofs/mutants/load.js main.ts` with MUTANT=<name> runs the shop with that fault.
const mutant = mutants.find(({ name }) => name === process.env.MUTANT);
if (!mutant) {
	const names = mutants.map(({ name }) => name).join(", ");
	process.stderr.write(`No such mutant: ${process.env.MUTANT}. There are: ${names}\n`);
	process.exit(2);
}
patch(mutant.edits);
