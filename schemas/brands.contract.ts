import { contract } from "./kit";

export const brands = contract("brands", {});
