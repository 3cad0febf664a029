import { openApi } from "../services/api/openapi";

/** Prints the OpenAPI document of the gateway, without starting the shop. */
process.stdout.write(`${JSON.stringify(openApi(), null, "\t")}\n`);
