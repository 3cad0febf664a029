import { action } from "../../schemas/kit/contract";
import * as r from "../../schemas/kit/rules";
import { listSecretNames, toRecordedParams } from "./recorded-params";

it("hides what an action marks as secret, at any depth, and nothing else", () => {
	const names = listSecretNames(
		action({
			pin: r.secret(r.str()),
			note: r.personal(r.str()),
			cards: r.list(r.obj({ cvc: r.secret(r.str()) }))
		}).returns(r.obj({ licence: r.secret(r.str()) }))
	);

	expect([...names]).toEqual(["pin", "cvc", "licence"]);
	expect(
		toRecordedParams({ pin: "1234", note: "n", cards: [{ cvc: "1", n: 2 }, null], at: null }, names)
	).toEqual({
		pin: "[hidden]",
		note: "n",
		cards: [{ cvc: "[hidden]", n: 2 }, null],
		at: null
	});
});
