import { contract } from "./kit";

export const deadLetters = contract("deadLetters", {});
