import { SHAPES, type Kind } from "./picture-shapes.domain";

/**
 * Demo pictures are drawn from their address alone, `/pictures/<seed>-<label>.svg`, so none is stored. The seed is
 * `<kind>-<hue>`, and `<kind>-<hue>_<rrggbb>` where the thing itself has another colour than its background.
 */
export type Picture = { readonly seed: string; readonly label: string };

const SEED = /^([a-z]+)-(\d{1,3})(?:_([0-9a-f]{6}))?$/;
const PATH = /^\/pictures\/([a-z]+-\d{1,3}(?:_[0-9a-f]{6})?)-([^/]+)\.svg$/;
/** What a label may hold; without `%` and `/`, decoding it twice changes nothing and no path can hide in it. */
const LABEL = /^[\p{L}\p{N}][\p{L}\p{N} ·+.×-]{0,23}$/u;
const LONGEST_PATH = 320;

export const seedOf = (kind: Kind, hue: number, colour?: string): string =>
	`${kind}-${hue}${colour === undefined ? "" : `_${colour}`}`;

/** The address of a picture; throws for one that `pictureOf` would refuse. */
export function picturePath({ seed, label }: Picture): string {
	const path = `/pictures/${seed}-${encodeURIComponent(label)}.svg`;
	if (!pictureOf(path)) throw new RangeError(`No picture can be drawn for ${path}`);
	return path;
}

/** What an address asks for, percent-encoded or decoded already; null for whatever is not the address of a picture. */
export function pictureOf(path: string): Picture | null {
	const [, seed, encoded] = (path.length <= LONGEST_PATH && PATH.exec(path)) || [];
	if (seed === undefined || encoded === undefined || !partsOf(seed)) return null;
	const label = decoded(encoded);
	return label !== null && LABEL.test(label) && !label.includes("..") ? { seed, label } : null;
}

/** A product on a soft background with its label below: the same SVG for the same seed and label, everywhere. */
export function drawPicture(seed: string, label: string): string {
	const parts = partsOf(seed);
	if (!parts) throw new RangeError(`No picture can be drawn from the seed ${seed}`);
	const { kind, hue, colour } = parts;
	const light = mix(colour, "ffffff", 0.45);
	const dark = mix(colour, "0a1020", 0.35);
	const shape = SHAPES[kind]({ body: "url(#body)", light, main: `#${colour}`, dark });
	const size = Math.min(36, Math.floor(440 / widthOf(label)));
	return `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" viewBox="0 0 512 512" role="img" aria-label="${escaped(label)}">
<defs><linearGradient id="sky" x2=".6" y2="1"><stop stop-color="${pastel(hue, 0.95)}"/><stop offset="1" stop-color="${pastel(hue + 35, 0.83)}"/></linearGradient>
<linearGradient id="body"><stop stop-color="${light}"/><stop offset=".4" stop-color="#${colour}"/><stop offset="1" stop-color="${dark}"/></linearGradient></defs>
<rect width="512" height="512" fill="url(#sky)"/>
<circle cx="${90 + (hue % 60)}" cy="96" r="${110 + (hue % 40)}" fill="#fff" opacity=".35"/><circle cx="${430 - (hue % 50)}" cy="330" r="140" fill="#fff" opacity=".28"/>
<ellipse cx="256" cy="380" rx="150" ry="18" fill="${dark}" opacity=".22"/>${shape}
<text x="256" y="456" font-size="${size}" font-weight="600" text-anchor="middle" fill="#26303f" font-family="'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC','WenQuanYi Zen Hei',sans-serif">${escaped(label)}</text>
</svg>
`;
}

function partsOf(seed: string): { kind: Kind; hue: number; colour: string } | null {
	const [, kind, degrees, colour] = SEED.exec(seed) ?? [];
	const hue = Number(degrees);
	if (kind === undefined || !isKind(kind) || hue >= 360) return null;
	return { kind, hue, colour: colour ?? hsl(hue, 0.5, 0.5) };
}

const isKind = (word: string): word is Kind => Object.hasOwn(SHAPES, word);

function decoded(text: string): string | null {
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
/** Characters that XML 1.0 cannot hold even escaped would make the whole file unreadable. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const escaped = (text: string): string =>
	text.replace(UNWRITABLE, "").replace(/[&<>"']/g, character => ENTITIES[character] ?? character);

/** The width of a text in units of its font size: CJK characters are square, Latin ones about half as wide. */
const widthOf = (text: string): number =>
	Math.max(
		1,
		Array.from(text).reduce((width, character) => width + (character > "\u{2e80}" ? 1 : 0.6), 0)
	);

const pastel = (hue: number, lightness: number): string => `#${hsl(hue % 360, 0.6, lightness)}`;

function hsl(hue: number, saturation: number, lightness: number): string {
	const reach = saturation * Math.min(lightness, 1 - lightness);
	const channel = (n: number) => {
		const k = (n + hue / 30) % 12;
		return lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
	};
	return [0, 8, 4].map(n => byte(255 * channel(n))).join("");
}

/** A colour moved towards another by a part of the way. */
function mix(from: string, to: string, part: number): string {
	const channels = [0, 2, 4].map(at => {
		const start = Number.parseInt(from.slice(at, at + 2), 16);
		return byte(start + (Number.parseInt(to.slice(at, at + 2), 16) - start) * part);
	});
	return `#${channels.join("")}`;
}

const byte = (value: number): string => Math.round(value).toString(16).padStart(2, "0");
