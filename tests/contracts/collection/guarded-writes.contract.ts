import type { CollectionSuite } from "./suite";

export function guardedWritesContract({ holding, name }: CollectionSuite): void {
	describe(`${name}: guarded writes`, () => {
		it("sells exactly what is there to 1,000 concurrent buyers", async () => {
			const items = await holding([{ _id: "sku", available: 100, sold: 0 }]);

			const answers = await Promise.all(
				Array.from({ length: 1_000 }, () =>
					items.change({ _id: "sku", available: { $gte: 1 } }, { $inc: { available: -1, sold: 1 } })
				)
			);

			expect(answers.filter(answer => answer !== null)).toHaveLength(100);
			expect(await items.findOne({ _id: "sku" })).toEqual({ _id: "sku", available: 0, sold: 100 });
		});

		it.each(["inFlight.id", "holds.order"])(
			"counts one reservation once, guarded by $ne on %s",
			async path => {
				const [list = "", key = ""] = path.split(".");
				const items = await holding([{ _id: "sku", available: 10, [list]: [{ [key]: "other" }] }]);
				const reserve = () =>
					items.change(
						{ _id: "sku", available: { $gte: 2 }, [path]: { $ne: "o1" } },
						{ $inc: { available: -2 }, $push: { [list]: { [key]: "o1" } } }
					);

				const answers = await Promise.all([reserve(), reserve(), reserve()]);

				expect(answers.filter(answer => answer !== null)).toHaveLength(1);
				expect(await items.findOne({})).toMatchObject({
					available: 8,
					[list]: [{ [key]: "other" }, { [key]: "o1" }]
				});
			}
		);

		it("answers null and changes nothing where the guard fails", async () => {
			const doc = { _id: "a", status: "paid" };
			const items = await holding([doc]);

			const answer = await items.change(
				{ _id: "a", status: "pending" },
				{ $set: { status: "cancelled" } }
			);

			expect(answer).toBeNull();
			expect(await items.find({})).toEqual([doc]);
		});

		it("changes one document where several match", async () => {
			const items = await holding([
				{ _id: "a", n: 0 },
				{ _id: "b", n: 0 }
			]);

			await items.change({ n: 0 }, { $inc: { n: 1 } });

			expect(await items.count({ n: 1 })).toBe(1);
		});
	});
}
