import { contract } from "./kit";

export const sandbox = contract("sandbox", {});
