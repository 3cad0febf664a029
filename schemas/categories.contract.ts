import { contract } from "./kit";

export const categories = contract("categories", {});
