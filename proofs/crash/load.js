// `node -r ./proofs/crash/load.js -r ts-node/register main.ts` is the shop that can be told where to die.
require("../../tests/support/patched")(require("./seams"));
