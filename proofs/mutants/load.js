const patched = require("../../tests/support/patched");
const mutants = require("./mutants");

// `node -r ./proofs/mutants/load.js -r ts-node/register main.ts` with MUTANT=<name> is the shop with that fault.
const mutant = mutants.find(({ name }) => name === process.env.MUTANT);
if (!mutant) {
	const names = mutants.map(({ name }) => name).join(", ");
	process.stderr.write(`No such mutant: ${process.env.MUTANT}. There are: ${names}\n`);
	process.exit(2);
}
patched(mutant.edits);
