import { hashRefreshToken, newRefreshToken, parseSessionId } from "./refresh-token";

const SESSION = "01M85D2K4353B8WADXQQAY3G24";

it("names its session, as long as not a character is touched", () => {
	const token = newRefreshToken(SESSION);

	const touched = Array.from(
		token,
		(char, i) => token.slice(0, i) + (char === "A" ? "B" : "A") + token.slice(i + 1)
	);

	expect(parseSessionId(token)).toBe(SESSION);
	expect(touched.map(parseSessionId)).toEqual(Array(token.length).fill(null));
});

it.each(["", ".", `${SESSION}..`, "x".repeat(256), `${SESSION}.${"A".repeat(43)}`])("is not %p", text => {
	expect(parseSessionId(text)).toBeNull();
});

it("is another one every time, and cannot be read from what is stored", () => {
	const [one, other] = [newRefreshToken(SESSION), newRefreshToken(SESSION)];

	expect(one).not.toBe(other);
	expect(hashRefreshToken(one)).not.toContain(one.split(".")[1]);
});
