import { SHAPES, type Kind } from "./picture-shapes.domain";

/**
 * Demo pictures are drawn from their path alone, `/pictures/<seed>-<label>.svg`, so none is stored. The seed is
 * `<kind>-<hue>`, with the hue of the background in degrees, or `<kind>-<hue>_<rrggbb>` where the product has a colour
 * of its own.
 */
export type Picture = { readonly seed: string; readonly label: string };

const SEED_PATTERN = /^([a-z]+)-(\d{1,3})(?:_([0-9a-f]{6}))?$/;
const PATH_PATTERN = /^\/pictures\/([a-z]+-\d{1,3}(?:_[0-9a-f]{6})?)-([^/]+)\.svg$/;
/** Labels hold no `%` and no `/`: decoding one twice changes nothing, and no path can hide in it. */
const LABEL_PATTERN = /^[\p{L}\p{N}][\p{L}\p{N} ·+.×-]{0,23}$/u;
const MAX_PATH_LENGTH = 320;

export const buildSeed = (kind: Kind, hue: number, colour?: string): string =>
	`${kind}-${hue}${colour === undefined ? "" : `_${colour}`}`;

/** Throws a RangeError for a picture whose path `parsePicturePath` would refuse. */
export function buildPicturePath({ seed, label }: Picture): string {
	const path = `/pictures/${seed}-${encodeURIComponent(label)}.svg`;
	if (!parsePicturePath(path)) throw new RangeError(`No picture can be drawn for ${path}`);
	return path;
}

/** Reads a path with its label percent-encoded or already decoded; null for a path of no picture. */
export function parsePicturePath(path: string): Picture | null {
	const [, seed, encoded] = (path.length <= MAX_PATH_LENGTH && PATH_PATTERN.exec(path)) || [];
	if (seed === undefined || encoded === undefined || !parseSeed(seed)) return null;
	const label = decode(encoded);
	return label !== null && LABEL_PATTERN.test(label) && !label.includes("..") ? { seed, label } : null;
}

/** SVG of a product on a pastel background with its label below. Depends on seed and label only; throws on a bad seed. */
export function drawPicture(seed: string, label: string): string {
	const parts = parseSeed(seed);
	if (!parts) throw new RangeError(`No picture can be drawn from the seed ${seed}`);
	const { kind, hue, colour } = parts;
	const light = mixColours(colour, "ffffff", 0.45);
	const dark = mixColours(colour, "0a1020", 0.35);
	const shape = SHAPES[kind]({ body: "url(#body)", light, main: `#${colour}`, dark });
	const size = Math.min(36, Math.floor(440 / estimateWidth(label)));
	return `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" viewBox="0 0 512 512" role="img" aria-label="${escapeXml(label)}">
<defs><linearGradient id="sky" x2=".6" y2="1"><stop stop-color="${pastelColour(hue, 0.95)}"/><stop offset="1" stop-color="${pastelColour(hue + 35, 0.83)}"/></linearGradient>
<linearGradient id="body"><stop stop-color="${light}"/><stop offset=".4" stop-color="#${colour}"/><stop offset="1" stop-color="${dark}"/></linearGradient></defs>
<rect width="512" height="512" fill="url(#sky)"/>
<circle cx="${90 + (hue % 60)}" cy="96" r="${110 + (hue % 40)}" fill="#fff" opacity=".35"/><circle cx="${430 - (hue % 50)}" cy="330" r="140" fill="#fff" opacity=".28"/>
<ellipse cx="256" cy="380" rx="150" ry="18" fill="${dark}" opacity=".22"/>${shape}
<text x="256" y="456" font-size="${size}" font-weight="600" text-anchor="middle" fill="#26303f" font-family="'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC','WenQuanYi Zen Hei',sans-serif">${escapeXml(label)}</text>
</svg>
`;
}

function parseSeed(seed: string): { kind: Kind; hue: number; colour: string } | null {
	const [, kind, degrees, colour] = SEED_PATTERN.exec(seed) ?? [];
	const hue = Number(degrees);
	if (kind === undefined || !isKind(kind) || hue >= 360) return null;
	return { kind, hue, colour: colour ?? hslToHex(hue, 0.5, 0.5) };
}

const isKind = (word: string): word is Kind => Object.hasOwn(SHAPES, word);

function decode(text: string): string | null {
	try {
		return decodeURIComponent(text);
	} catch {
		return null;
	}
}

const ENTITIES: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;"
};
/** Characters that XML 1.0 excludes even in escaped form. One of them would make the whole file unreadable. */
const NOT_IN_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const escapeXml = (text: string): string =>
	text.replace(NOT_IN_XML, "").replace(/[&<>"']/g, character => ENTITIES[character] ?? character);

/** Width of a text in units of its font size: CJK characters are square, Latin ones a little more than half as wide. */
const estimateWidth = (text: string): number =>
	Math.max(
		1,
		Array.from(text).reduce((width, character) => width + (character > "\u{2e80}" ? 1 : 0.6), 0)
	);

const pastelColour = (hue: number, lightness: number): string => `#${hslToHex(hue % 360, 0.6, lightness)}`;

/** HSL to `rrggbb`, by the formula of CSS Color 4. Hue in degrees, the others from 0 to 1. */
function hslToHex(hue: number, saturation: number, lightness: number): string {
	const reach = saturation * Math.min(lightness, 1 - lightness);
	const channel = (n: number) => {
		const k = (n + hue / 30) % 12;
		return lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
	};
	return [0, 8, 4].map(n => toHexByte(255 * channel(n))).join("");
}

/** Linear mix of two `rrggbb` colours in sRGB, as `#rrggbb`; `part` 0 is `from`, 1 is `to`. */
function mixColours(from: string, to: string, part: number): string {
	const channels = [0, 2, 4].map(at => {
		const start = Number.parseInt(from.slice(at, at + 2), 16);
		return toHexByte(start + (Number.parseInt(to.slice(at, at + 2), 16) - start) * part);
	});
	return `#${channels.join("")}`;
}

const toHexByte = (value: number): string => Math.round(value).toString(16).padStart(2, "0");
