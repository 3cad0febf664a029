import { action, contract, nothing, str } from "./kit";

export const sandbox = contract("sandbox", {
	/** A message to a phone lands in its inbox instead of on the air. */
	receiveSms: action({ phone: str(), text: str(), code: str(), purpose: str() }).returns(nothing)
});
