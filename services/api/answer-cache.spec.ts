import { AnswerCache } from "./answer-cache";
import { Envelope } from "./envelope";

const LIMITS = { ttlMs: 60_000, maxEntries: 2, maxBytes: 10_000 };
const answer = (data: unknown = "tea") => new Envelope({ code: "OK", data }, "zh");

it("finds an answer until one of its tags changes", () => {
	const cache = new AnswerCache(LIMITS);
	const [tea, cup] = [answer(), answer()];
	cache.startEntry()("tea", tea, ["products 1", "stock 11"]);
	cache.startEntry()("cup", cup, ["products 2"]);

	cache.drop(["stock", "stock 11"]);

	expect([cache.find("tea"), cache.find("cup")]).toEqual([undefined, cup]);
});

it("does not cache an answer whose making had begun before a change", () => {
	const cache = new AnswerCache(LIMITS);
	const storeAnswer = cache.startEntry();

	cache.drop(["products 2"]);
	storeAnswer("tea", answer(), ["products 1"]);

	expect(cache.find("tea")).toBeUndefined();
});

it("forgets an answer after its time", () => {
	const cache = new AnswerCache({ ...LIMITS, ttlMs: 0 });

	cache.startEntry()("tea", answer(), ["products"]);

	expect(cache.find("tea")).toBeUndefined();
	expect(cache.size).toBe(0);
});

it("holds no more answers and no more bytes than its limits, and drops the oldest first", () => {
	const cache = new AnswerCache(LIMITS);
	for (const key of ["a", "b", "c"]) cache.startEntry()(key, answer(), ["products"]);
	const afterThree = ["a", "b", "c"].filter(key => cache.find(key));

	cache.startEntry()("large", answer("x".repeat(9_900)), ["products"]);

	expect(afterThree).toEqual(["b", "c"]);
	expect(["b", "c", "large"].filter(key => cache.find(key))).toEqual(["large"]);
});

it("counts an answer that is replaced only once", () => {
	const cache = new AnswerCache(LIMITS);

	for (let n = 0; n < 5; n++) cache.startEntry()("a", answer("x".repeat(4_000)), ["products"]);
	cache.startEntry()("b", answer("x".repeat(4_000)), ["products"]);

	expect(cache.size).toBe(2);
});
