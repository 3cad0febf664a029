import { rawRequest, rawResponse } from "./http.contract";
import { action, contract, str } from "./kit";

export const demoPictures = contract("demoPictures", {
	draw: action({ ...rawRequest, name: str({ max: 200 }) })
		.returns(rawResponse)
		.rest("GET /pictures/:name", "public", "A drawn picture of the demo catalogue", {
			raw: true,
			root: true
		})
});
