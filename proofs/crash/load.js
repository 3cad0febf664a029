// `node -r ./proofs/crash/load.js main.ts` runs a shop that crashes at the requested point.
require("../../tests/support/register").patch(require("./instrumentation"));
