import fc from "fast-check";
import { drawPicture, parsePicturePath, buildPicturePath, buildSeed } from "./picture.domain";
import { SHAPES, type Kind } from "./picture-shapes.domain";

const KINDS = Object.keys(SHAPES) as Kind[];
const ENTITY = /&(?:amp|lt|gt|quot|#39);/g;

/** Checks as much of XML as the drawings use: tags close in order, attributes are quoted, entities are known. */
function wellFormed(xml: string): boolean {
	const open: string[] = [];
	const rest = xml.replace(
		/<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
		(_, end, name, __, empty) => {
			if (end) return open.pop() === name ? "" : "<broken";
			if (!empty) open.push(name);
			return "";
		}
	);
	return open.length === 0 && !/[<>&]/.test(rest.replace(ENTITY, "")) && !/&/.test(xml.replace(ENTITY, ""));
}

const seed = fc
	.tuple(
		fc.constantFrom(...KINDS),
		fc.nat({ max: 359 }),
		fc.option(fc.stringMatching(/^[0-9a-f]{6}$/), { nil: undefined })
	)
	.map(parts => buildSeed(...parts));

describe("drawPicture", () => {
	it.each(KINDS)("draws a small well-formed %s, the same each time", kind => {
		const svg = drawPicture(buildSeed(kind, 359, "1c1c1e"), "一".repeat(24));

		expect(wellFormed(svg)).toBe(true);
		expect(Buffer.byteLength(svg)).toBeLessThan(4096);
		expect(drawPicture(buildSeed(kind, 359, "1c1c1e"), "一".repeat(24))).toBe(svg);
		expect(svg).not.toMatch(/NaN|undefined/);
	});

	it("stays well-formed and free of foreign markup whatever the label", () => {
		const label = fc.string({ unit: fc.constantFrom(...Array.from("<>&\"'/= ]a\u0000\ud800\uffff茶")) });

		fc.assert(fc.property(seed, label, (from, text) => wellFormed(drawPicture(from, text))));
		expect(drawPicture("tea-90", "<script>alert('1')</script>")).not.toContain("<script");
	});

	it("tells kinds, hues and colours apart", () => {
		const seeds = ["phone-10", "phone-200", "phone-10_1c1c1e", "book-10"];

		expect(new Set(seeds.map(from => drawPicture(from, "x"))).size).toBe(4);
	});

	it.each(["", "phone", "phone-360", "spaceship-10", "toString-10", "phone-10_xyz", "phone-10 "])(
		"refuses the seed %j",
		from => {
			expect(() => drawPicture(from, "x")).toThrow(RangeError);
		}
	);
});

describe("parsePicturePath", () => {
	it("reads back every path that buildPicturePath makes, decoded or not", () => {
		const label = fc.stringMatching(/^[a-z0-9茶杯黑][a-z0-9 茶杯黑·+-]{0,23}$/);

		fc.assert(
			fc.property(seed, label, (from, text) => {
				const path = buildPicturePath({ seed: from, label: text });

				expect(parsePicturePath(path)).toEqual({ seed: from, label: text });
				expect(parsePicturePath(decodeURIComponent(path))).toEqual({ seed: from, label: text });
			})
		);
	});

	it.each([
		"/pictures/phone-10.svg",
		"/pictures/phone-10-.svg",
		"/pictures/phone-10-a.png",
		"/pictures/phone-400-a.svg",
		"/pictures/ufo-10-a.svg",
		"/pictures/constructor-10-a.svg",
		"/pictures/phone-10-%3Cscript%3E.svg",
		"/pictures/phone-10-a%00.svg",
		"/pictures/phone-10-%E4%B8.svg",
		"/pictures/phone-10-a%2F..%2Fb.svg",
		"/pictures/phone-10-a..b.svg",
		"/pictures/../phone-10-a.svg",
		"/pictures/phone-10-%253Cb%253E.svg",
		`/pictures/phone-10-${"a".repeat(25)}.svg`,
		"/elsewhere/phone-10-a.svg",
		"/pictures/phone-10-a.svg?x",
		"/pictures/phone-10-a.svg\n",
		""
	])("refuses %j", path => {
		expect(parsePicturePath(path)).toBeNull();
	});

	it("refuses an endless address", () => {
		expect(parsePicturePath(`/pictures/phone-10-${"a".repeat(100_000)}.svg`)).toBeNull();
	});

	it("refuses to write an address that could not be read", () => {
		expect(() => buildPicturePath({ seed: "phone-10", label: "a/b" })).toThrow(RangeError);
		expect(() => buildPicturePath({ seed: "phone-999", label: "a" })).toThrow(RangeError);
	});
});
