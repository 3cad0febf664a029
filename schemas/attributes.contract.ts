import { contract } from "./kit";

export const attributes = contract("attributes", {});
