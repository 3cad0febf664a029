import { contract } from "./kit";

export const tags = contract("tags", {});
