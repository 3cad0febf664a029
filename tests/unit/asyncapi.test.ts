import schema from "@asyncapi/specs/schemas/3.0.0-without-$id.json";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { events } from "../../schemas/registry";
import type { Event } from "../../schemas/kit/contract";
import { buildAsyncApi, describeFacts } from "../../services/api/asyncapi";
import { renderEventPage } from "../../services/api/event-page";

const document: any = buildAsyncApi();
const facts = Object.entries<Event>(events);

it("fits the schema of AsyncAPI 3", () => {
	const ajv = new Ajv({ strict: false, allErrors: true });
	addFormats(ajv);

	const fits = ajv.validate(schema, JSON.parse(JSON.stringify(document)));

	expect([fits, ajv.errors?.slice(0, 3)]).toEqual([true, undefined]);
});

it("has a channel, an operation and a message for every fact, and an example that fits", () => {
	const names = facts.map(([name]) => name).toSorted();
	for (const part of [document.channels, document.operations, document.components.messages])
		expect(Object.keys(part).toSorted()).toEqual(names);
	const ajv = new Ajv({ strict: false });
	addFormats(ajv);

	const unfit = describeFacts().filter(({ payload, example }) => !ajv.validate(payload, example));

	expect(unfit.map(({ name }) => name)).toEqual([]);
});

it("says of every fact what it means, on the page as well", () => {
	const page = renderEventPage();

	expect(facts.filter(([, { about }]) => !about).map(([name]) => name)).toEqual([]);
	expect(facts.filter(([name]) => !page.includes(`id="${name}"`))).toEqual([]);
});

it("names the user of every fact of orders, payments, after-sales and shipments that has one", () => {
	const unmarked = facts.filter(
		([name, { params, user }]) =>
			/^(order|payment|after_sale|shipment)\./.test(name) && "userId" in params && user === undefined
	);

	expect(unmarked.map(([name]) => name)).toEqual([]);
});
