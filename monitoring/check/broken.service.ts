import type { ServiceSchema } from "moleculer";

/** Fails to handle any paid order, so that its facts become dead letters. */
const broken: ServiceSchema = {
	name: "broken",
	events: {
		"order.paid"() {
			throw new Error("This service can't handle anything");
		}
	}
};
export default broken;
