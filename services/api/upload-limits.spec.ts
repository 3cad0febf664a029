import { UploadLimits } from "./upload-limits";

const DAILY = { isDaily: true };
const aLimit = (perDay = 50) => new UploadLimits({ get: () => perDay as never }, null);
const refusalOf = (work: Promise<unknown>) =>
	work.then(
		() => "done",
		(err: unknown) => (err as { type: string }).type
	);
/** Work that ends when `end` is called. */
function held() {
	let end = () => {};
	const work = new Promise<void>(resolve => (end = resolve));
	return { work: () => work, end: () => end() };
}

it("lets a user have two uploads in work at a time", async () => {
	const limits = aLimit();
	const { work, end } = held();
	const two = [limits.run("u", DAILY, work), limits.run("u", DAILY, work)];

	const third = await refusalOf(limits.run("u", DAILY, work));
	const other = limits.run("v", DAILY, work);
	end();

	expect(third).toBe("TOO_MANY_REQUESTS");
	expect(await Promise.all([...two, other].map(refusalOf))).toEqual(["done", "done", "done"]);
	expect(await refusalOf(limits.run("u", DAILY, work))).toBe("done");
});

it("has eight uploads of all users in work at a time", async () => {
	const limits = aLimit();
	const { work, end } = held();
	const eight = Array.from({ length: 8 }, (_, n) => limits.run(`u${n}`, DAILY, work));

	const ninth = await refusalOf(limits.run("u9", DAILY, work));
	end();
	await Promise.all(eight);

	expect(ninth).toBe("SERVICE_UNAVAILABLE");
});

it("takes so many uploads of a user a day, also those that fail", async () => {
	const limits = aLimit(2);
	const fail = () => Promise.reject(Object.assign(new Error("broken"), { type: "broken" }));
	const outcomes = [];
	for (const work of [fail, () => Promise.resolve(), fail])
		outcomes.push(await refusalOf(limits.run("u", DAILY, work)));

	expect(outcomes).toEqual(["broken", "done", "TOO_MANY_REQUESTS"]);
	expect(await refusalOf(limits.run("v", DAILY, () => Promise.resolve()))).toBe("done");
});
