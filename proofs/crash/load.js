// `node -r ./proofs/crash/load.js main.ts` is the shop that can be told where to die.
require("../../tests/support/register").patch(require("./instrumentation"));
