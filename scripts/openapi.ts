import { buildOpenApi } from "../services/api/openapi/openapi";

/** Prints the OpenAPI document of the gateway, without starting the shop. */
process.stdout.write(`${JSON.stringify(buildOpenApi(), null, "\t")}\n`);
