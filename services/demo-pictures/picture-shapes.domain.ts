/** Fills of a drawing: three shades of one colour, and `body`, a gradient of them lit from the left. */
export type Tint = {
	readonly body: string;
	readonly light: string;
	readonly main: string;
	readonly dark: string;
};

type Shape = (tint: Tint) => string;

const ink = "#26303f";
const paper = "#fffdf8";
const steel = "#c9d0da";

const phone: Shape = ({ body, dark }) => `
<rect x="176" y="68" width="160" height="310" rx="30" fill="${body}" stroke="${dark}" stroke-width="3"/>
<rect x="194" y="86" width="70" height="84" rx="20" fill="#0003"/>
<g fill="${ink}" stroke="${steel}" stroke-width="4"><circle cx="216" cy="110" r="14"/><circle cx="216" cy="146" r="14"/><circle cx="246" cy="128" r="12"/></g>
<path d="M320 90v266" stroke="#fff6" stroke-width="4" stroke-linecap="round"/><circle cx="256" cy="290" r="16" fill="none" stroke="#fff7" stroke-width="4"/>`;

const phoneCase: Shape = ({ body, dark, light }) => `
<rect x="170" y="64" width="172" height="318" rx="38" fill="${body}" stroke="${dark}" stroke-width="8"/>
<rect x="190" y="86" width="82" height="90" rx="22" fill="#fff9" stroke="${dark}" stroke-width="3"/>
<path d="M256 236l14 30 33 4-24 23 6 32-29-16-29 16 6-32-24-23 33-4z" fill="${light}" opacity=".85"/>`;

const earphone: Shape = ({ body, dark, light, main }) => `
<path d="M150 240h212v66a52 52 0 0 1-52 52H202a52 52 0 0 1-52-52z" fill="${body}"/>
<path d="M150 240a52 46 0 0 1 52-46h108a52 46 0 0 1 52 46z" fill="${light}"/><circle cx="256" cy="268" r="6" fill="#fff"/>
<g stroke="${dark}" stroke-width="3"><path d="M190 130a34 34 0 1 1 46 32v58h-24v-58a34 34 0 0 1-22-32z" fill="${paper}"/>
<path d="M322 130a34 34 0 1 0-46 32v58h24v-58a34 34 0 0 0 22-32z" fill="${paper}"/></g>
<circle cx="212" cy="128" r="14" fill="${main}"/><circle cx="300" cy="128" r="14" fill="${main}"/>`;

const watch: Shape = ({ body, dark, main }) => `
<path d="M210 62h92l12 90H198zM198 292h116l-12 90h-92z" fill="${main}"/>
<rect x="168" y="134" width="176" height="176" rx="50" fill="${body}" stroke="${dark}" stroke-width="4"/>
<circle cx="256" cy="222" r="68" fill="${ink}"/><circle cx="256" cy="222" r="56" fill="none" stroke="#fff4" stroke-width="6" stroke-dasharray="2 27.3"/>
<path d="M256 182v40l28 18" fill="none" stroke="#fff" stroke-width="7" stroke-linecap="round" stroke-linejoin="round"/><rect x="344" y="206" width="12" height="34" rx="5" fill="${dark}"/>`;

const laptop: Shape = ({ body, light, main }) => `
<g transform="translate(0 26)"><rect x="116" y="120" width="280" height="190" rx="16" fill="${ink}"/><rect x="130" y="134" width="252" height="160" rx="6" fill="${light}"/>
<path d="M130 294l96-104 62 62 40-36 54 78z" fill="${main}" opacity=".7"/><circle cx="318" cy="172" r="18" fill="#fffc"/>
<path d="M84 310h344l-14 30a14 14 0 0 1-12 8H110a14 14 0 0 1-12-8z" fill="${body}"/><path d="M216 310h80l-6 12h-68z" fill="#0003"/></g>`;

const kettle: Shape = ({ body, dark }) => `
<path d="M338 166c74-14 82 118 8 138" fill="none" stroke="${ink}" stroke-width="20" stroke-linecap="round"/>
<path d="M196 134h120l34 202a20 20 0 0 1-20 22H182a20 20 0 0 1-20-22z" fill="${body}"/><path d="M190 168l-54-24 12 56 34 12z" fill="${dark}"/>
<path d="M192 134a64 34 0 0 1 128 0z" fill="${ink}"/><circle cx="256" cy="94" r="13" fill="${ink}"/>
<rect x="150" y="356" width="212" height="20" rx="10" fill="${ink}"/><path d="M214 170l-16 150" stroke="#fff8" stroke-width="10" stroke-linecap="round"/>`;

const cooker: Shape = ({ body, dark, light }) => `
<rect x="138" y="168" width="236" height="200" rx="52" fill="${body}"/><path d="M142 190a114 84 0 0 1 228 0z" fill="${light}"/>
<rect x="228" y="92" width="56" height="24" rx="12" fill="${dark}"/><path d="M138 196h236" stroke="${dark}" stroke-width="5"/>
<rect x="196" y="236" width="120" height="76" rx="16" fill="${ink}"/><text x="256" y="284" font-size="30" font-family="monospace" text-anchor="middle" fill="#9ff5d4">30:00</text>
<circle cx="226" cy="336" r="8" fill="#fffb"/><circle cx="256" cy="336" r="8" fill="#fff"/><circle cx="286" cy="336" r="8" fill="#fffb"/>`;

const lamp: Shape = ({ body, dark }) => `
<path d="M190 176L106 372h236z" fill="#fff3b0" opacity=".65"/><path d="M330 356L300 204 212 132" fill="none" stroke="${dark}" stroke-width="14" stroke-linecap="round" stroke-linejoin="round"/>
<circle cx="300" cy="204" r="14" fill="${ink}"/><path d="M150 172c4-58 62-86 108-54l-20 64c-24 18-66 12-88-10z" fill="${body}"/><path d="M150 172c20 24 66 28 88 10" fill="none" stroke="#fff1a8" stroke-width="10"/>
<rect x="258" y="354" width="144" height="22" rx="11" fill="${ink}"/>`;

const tea: Shape = ({ body, dark, light }) => `
<rect x="164" y="132" width="132" height="236" rx="16" fill="${body}"/><rect x="156" y="96" width="148" height="54" rx="14" fill="${dark}"/>
<rect x="190" y="190" width="80" height="120" rx="8" fill="${paper}"/><path d="M230 288c-32-26-30-58 0-84 30 26 32 58 0 84zm0 0v-62" fill="${light}" stroke="${dark}" stroke-width="4"/>
<path d="M298 300h100c0 50-20 70-50 70s-50-20-50-70z" fill="${paper}"/><ellipse cx="348" cy="300" rx="50" ry="12" fill="#b98236"/>
<path d="M334 276c-10-16 10-22 0-40M362 276c-10-16 10-22 0-40" fill="none" stroke="#fffc" stroke-width="5" stroke-linecap="round"/>`;

const snack: Shape = ({ body, dark, light }) => `
<path d="M166 96h180l-8 34c18 76 18 126 0 204l8 34H166l8-34c-18-78-18-128 0-204z" fill="${body}"/>
<path d="M166 96h180l-7 24H173zM173 344h166l7 24H166z" fill="${dark}" opacity=".55"/><circle cx="256" cy="220" r="66" fill="${paper}"/>
<g fill="#d79a4e" stroke="#a66d2a" stroke-width="4"><ellipse cx="236" cy="206" rx="24" ry="16" transform="rotate(-30 236 206)"/><ellipse cx="280" cy="216" rx="24" ry="16" transform="rotate(24 280 216)"/><ellipse cx="248" cy="248" rx="24" ry="16"/></g>
<path d="M192 140c-10 56-10 120 0 180" fill="none" stroke="${light}" stroke-width="9" stroke-linecap="round" opacity=".8"/>`;

const shirt: Shape = ({ body, dark, light }) => `
<path d="M204 84l-94 52 34 84 40-18v166h144V202l40 18 34-84-94-52c-18 34-86 34-104 0z" fill="${body}" stroke="${dark}" stroke-width="4" stroke-linejoin="round"/>
<path d="M204 84c18 34 86 34 104 0l-12-6c-20 20-60 20-80 0z" fill="${dark}"/><circle cx="256" cy="214" r="36" fill="${light}"/><path d="M234 228l22-34 22 34z" fill="${paper}"/>
<path d="M184 202v-40M328 202v-40" stroke="${dark}" stroke-width="4" stroke-linecap="round"/>`;

const shoe: Shape = ({ body, dark, main }) => `
<path d="M108 178c22 16 58 12 78-20l24-8c30 60 74 82 138 94 42 8 62 28 60 66H108c-12-44-12-88 0-132z" fill="${body}"/>
<path d="M102 310h306c0 26-10 42-34 42H126c-18 0-24-18-24-42z" fill="${paper}"/><path d="M112 334h288" stroke="${main}" stroke-width="6"/>
<g stroke="${paper}" stroke-width="9" stroke-linecap="round"><path d="M214 206l30-20M240 230l28-22M270 248l24-24"/></g>
<path d="M118 284c60 14 100-14 130-10 40 6 60 24 118 16" fill="none" stroke="${dark}" stroke-width="12" stroke-linecap="round"/>`;

const bag: Shape = ({ body, dark, main }) => `
<path d="M222 112v-14a34 34 0 0 1 68 0v14" fill="none" stroke="${dark}" stroke-width="12"/><rect x="132" y="220" width="248" height="110" rx="26" fill="${dark}"/>
<path d="M156 190a78 84 0 0 1 78-84h44a78 84 0 0 1 78 84v140a44 44 0 0 1-44 44H200a44 44 0 0 1-44-44z" fill="${body}"/>
<rect x="186" y="242" width="140" height="104" rx="18" fill="${main}" stroke="${dark}" stroke-width="4"/><path d="M186 272h140M196 176h120" stroke="${dark}" stroke-width="5" stroke-dasharray="10 5"/>
<rect x="246" y="264" width="20" height="30" rx="6" fill="${steel}"/>`;

const cream: Shape = ({ body, dark, light }) => `
<rect x="148" y="236" width="216" height="132" rx="30" fill="${body}"/><rect x="140" y="176" width="232" height="70" rx="18" fill="${paper}"/>
<path d="M140 228h232" stroke="${dark}" stroke-width="4" opacity=".4"/><rect x="196" y="276" width="120" height="54" rx="10" fill="${paper}" opacity=".85"/>
<path d="M256 80c30 36 36 52 36 64a36 36 0 0 1-72 0c0-12 6-28 36-64z" fill="${light}"/><path d="M240 144a16 16 0 0 0 16 16" fill="none" stroke="#fff" stroke-width="6" stroke-linecap="round"/>`;

const lipstick: Shape = ({ body, dark, light, main }) => `
<path d="M220 196v-84c0-12 54-44 72-34v118z" fill="${main}"/><path d="M220 112c0-12 54-44 72-34-8 20-44 40-72 34z" fill="${light}"/>
<rect x="210" y="190" width="92" height="58" fill="#e6c98a"/><path d="M224 190v58" stroke="#fff9" stroke-width="8"/>
<rect x="194" y="244" width="124" height="128" rx="12" fill="${body}"/><path d="M194 264h124" stroke="${dark}" stroke-width="5"/>`;

const nursing: Shape = ({ dark, light, main }) => `
<path d="M232 122c-4-22 8-50 24-50s28 28 24 50l20 14h-88z" fill="#f6c79a"/><rect x="194" y="132" width="124" height="46" rx="14" fill="${main}"/>
<path d="M202 178h108c22 16 30 36 30 62v92a42 42 0 0 1-42 42h-84a42 42 0 0 1-42-42v-92c0-26 8-46 30-62z" fill="#fffd" stroke="${dark}" stroke-width="4"/>
<path d="M176 264h160v66a40 40 0 0 1-40 40h-80a40 40 0 0 1-40-40z" fill="${light}" opacity=".75"/><path d="M300 222h24M308 250h16M300 278h24M308 306h16" stroke="${dark}" stroke-width="5" stroke-linecap="round"/>`;

const toy: Shape = ({ body, dark, light }) => `
<g fill="${body}" stroke="${dark}" stroke-width="4"><circle cx="190" cy="124" r="36"/><circle cx="322" cy="124" r="36"/><ellipse cx="256" cy="310" rx="88" ry="72"/><circle cx="256" cy="184" r="92"/></g>
<circle cx="190" cy="124" r="17" fill="${light}"/><circle cx="322" cy="124" r="17" fill="${light}"/><ellipse cx="256" cy="214" rx="40" ry="32" fill="${paper}"/><ellipse cx="256" cy="318" rx="46" ry="40" fill="${light}"/>
<g fill="${ink}"><circle cx="222" cy="168" r="10"/><circle cx="290" cy="168" r="10"/><ellipse cx="256" cy="202" rx="14" ry="10"/></g><path d="M242 222c8 10 20 10 28 0" fill="none" stroke="${ink}" stroke-width="4" stroke-linecap="round"/>`;

const book: Shape = ({ body, dark, light }) => `
<path d="M176 92h180a12 12 0 0 1 12 12v264H184a32 32 0 0 1-32-30V116a24 24 0 0 1 24-24z" fill="${body}"/>
<path d="M152 338a28 28 0 0 1 32-28h184v58H184a32 30 0 0 1-32-30z" fill="${paper}"/><path d="M180 330h188M176 346h192" stroke="#0002" stroke-width="3"/>
<path d="M184 92v218" stroke="${dark}" stroke-width="5" opacity=".6"/><rect x="216" y="132" width="120" height="60" rx="6" fill="${paper}" opacity=".9"/>
<path d="M216 262c30-40 54-14 70-34 14-16 32-10 50-22" fill="none" stroke="${light}" stroke-width="9" stroke-linecap="round"/><path d="M320 310v66l-14-14-14 14v-66z" fill="#d9483b"/>`;

const ball: Shape = ({ body, dark }) => `
<circle cx="256" cy="226" r="142" fill="${body}" stroke="${dark}" stroke-width="5"/>
<path d="M256 84v284M114 226h284M156 126c62 52 62 148 0 200M356 126c-62 52-62 148 0 200" fill="none" stroke="${ink}" stroke-width="6" opacity=".75"/>
<ellipse cx="206" cy="146" rx="40" ry="22" fill="#fff5" transform="rotate(-36 206 146)"/>`;

const mat: Shape = ({ body, dark, light, main }) => `
<path d="M132 320l70-190h232l-70 190z" fill="${main}"/><path d="M196 300l52-146M250 300l52-146M304 300l52-146" stroke="${light}" stroke-width="5" opacity=".7"/>
<rect x="96" y="278" width="278" height="88" rx="44" fill="${body}"/><circle cx="372" cy="322" r="44" fill="${dark}"/><path d="M372 322a12 12 0 1 1 12 12 26 26 0 1 1 14-34" fill="none" stroke="${light}" stroke-width="7" stroke-linecap="round"/>
<path d="M166 280v84M296 280v84" stroke="${paper}" stroke-width="9" opacity=".8"/>`;

const cup: Shape = ({ body, dark, light }) => `
<rect x="190" y="146" width="132" height="228" rx="30" fill="${body}"/><rect x="200" y="74" width="112" height="66" rx="20" fill="${dark}"/><rect x="184" y="130" width="144" height="24" rx="12" fill="${steel}"/>
<rect x="190" y="240" width="132" height="60" fill="${light}" opacity=".5"/><path d="M214 176v150" stroke="#fff8" stroke-width="12" stroke-linecap="round"/><path d="M216 92h80" stroke="#fff5" stroke-width="8" stroke-linecap="round"/>`;

const logo: Shape = ({ body, dark, light }) => `
<circle cx="256" cy="222" r="142" fill="${body}"/><circle cx="256" cy="222" r="120" fill="none" stroke="${light}" stroke-width="5"/>
<path d="M176 262c34-92 126-92 160 0-50-34-110-34-160 0z" fill="${paper}"/><circle cx="256" cy="160" r="24" fill="${paper}"/><path d="M192 292h128" stroke="${dark}" stroke-width="10" stroke-linecap="round"/>`;

/** Drawings by kind of product: SVG elements on a canvas of 512 by 512, with their ground at y = 376. */
export const SHAPES = {
	phone,
	case: phoneCase,
	earphone,
	watch,
	laptop,
	kettle,
	cooker,
	lamp,
	tea,
	snack,
	shirt,
	shoe,
	bag,
	cream,
	lipstick,
	nursing,
	toy,
	book,
	ball,
	mat,
	cup,
	logo
} as const satisfies Readonly<Record<string, Shape>>;

export type Kind = keyof typeof SHAPES;
