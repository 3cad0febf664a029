import sharp from "sharp";
import { PictureEncoder } from "./picture-encoder";

const encoder = new PictureEncoder({ maxWaiting: 3 });
afterAll(() => encoder.stop());

const picture = (width: number, height: number) =>
	sharp({ create: { width, height, channels: 3, background: "teal" } })
		.png()
		.toBuffer();
const limits = { maxEdge: 100, maxPixels: 1_000_000, maxBytes: 100_000 };
const encode = (bytes: Buffer, maxPixels = 1_000_000) => encoder.encode({ bytes, ...limits, maxPixels });

it("encodes a picture as WebP within the edge", async () => {
	const { format, width, height } = await sharp(await encode(await picture(400, 200))).metadata();

	expect({ format, width, height }).toEqual({ format: "webp", width: 100, height: 50 });
});

it("gives up quality for a picture that would be too large", async () => {
	const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
	const bytes = await sharp({ create: { width: 100, height: 100, channels: 3, background: "teal", noise } })
		.png()
		.toBuffer();

	const [good, small] = await Promise.all(
		[100_000, 2_000].map(maxBytes => encoder.encode({ bytes, ...limits, maxBytes }))
	);

	expect(small?.length).toBeLessThan((good?.length ?? 0) / 2);
	expect((await sharp(small).metadata()).format).toBe("webp");
});

it("refuses what is no picture or has too many pixels, and goes on", async () => {
	const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
	const refusal = { type: "UNSUPPORTED_MEDIA_TYPE" };

	await expect(encode(svg)).rejects.toMatchObject(refusal);
	await expect(encode(Buffer.from("no picture"))).rejects.toMatchObject(refusal);
	await expect(encode(await picture(400, 200), 79_999)).rejects.toMatchObject(refusal);
	await expect(encode(await picture(400, 200), 80_000)).resolves.toBeInstanceOf(Buffer);
});

it("refuses pictures beyond those that may wait", async () => {
	const bytes = await picture(20, 20);

	const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => encode(bytes)));

	expect(outcomes.map(({ status }) => status)).toEqual([
		...Array<string>(4).fill("fulfilled"),
		...Array<string>(4).fill("rejected")
	]);
	expect(outcomes.at(-1)).toMatchObject({ reason: { type: "SERVICE_UNAVAILABLE" } });
});

it("starts another process after the one before ended", async () => {
	const bytes = await picture(20, 20);
	await encode(bytes);
	encoder.stop();

	await expect(encode(bytes)).resolves.toBeInstanceOf(Buffer);
});
