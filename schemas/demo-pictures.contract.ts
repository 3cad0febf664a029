import { rawRequest, rawResponse } from "./http.contract";
import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

export const demoPictures = contract("demoPictures", {
	draw: action({ ...rawRequest, name: r.str({ max: 200 }) })
		.returns(rawResponse)
		.rest("GET /pictures/:name", "public", "A drawn picture of the demo catalogue", {
			raw: true,
			root: true
		})
});
