import * as r from "./rules";
import {
	CODE_PATTERN,
	linePattern,
	PROSE_PATTERN,
	SHOP_PATH_PATTERN,
	URL_PATTERN,
	VISIBLE_PROSE_PATTERN
} from "../values/text";

type Options = { readonly min?: number; readonly max?: number; readonly about?: string };

/** One line that can be seen: a name, a line of an address. `without` names characters that it must not have either. */
export const line = ({ without, ...o }: Options & { readonly without?: string } = {}): r.Rule<string> =>
	r.str({ ...o, pattern: linePattern(without) });

/** A text of one or more lines, something of which can be seen. */
export const prose = (o: Options = {}): r.Rule<string> => r.str({ ...o, pattern: VISIBLE_PROSE_PATTERN });

/** A text of any number of lines that may be blank or empty. */
export const optionalProse = (o: Options = {}): r.Rule<string> => ({ ...r.text(o), pattern: PROSE_PATTERN });

/** A code that people type: no blanks, nothing invisible. */
export const code = (o: Options = {}): r.Rule<string> => r.str({ ...o, pattern: CODE_PATTERN });

/** A phone number, however it is typed or pasted: blanks and invisible characters are taken out before it is looked at. */
export const phoneNumber = (o: Options = {}): r.Rule<string> =>
	r.personal({ ...r.str({ max: 20, ...o }), condensed: true });

/** An address that a browser may open: http(s), or a path of this site. Any other scheme could be a script. */
export const url = (): r.Rule<string> => ({
	...r.str({ max: 500, pattern: URL_PATTERN }),
	format: "uri-reference"
});

/** The address of a picture that a shopper shows to others: a path of the shop, so that no other site learns who looks at it. */
export const shopPicture = (): r.Rule<string> => ({
	...r.str({ max: 500, pattern: SHOP_PATH_PATTERN }),
	format: "uri-reference"
});
