import type { IOptions } from "sanitize-html";

/** Elements that Markdown makes, with attributes that can't run anything. */
const ALLOWED: IOptions = {
	allowedTags: [
		...["h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "ul", "ol", "li", "pre", "hr", "br"],
		...["strong", "em", "s", "code", "a", "img", "table", "thead", "tbody", "tr", "th", "td"]
	],
	allowedAttributes: {
		a: ["href", "title", "rel"],
		img: ["src", "alt", "title"],
		ol: ["start"],
		code: [{ name: "class", multiple: false, values: [] }],
		th: ["style"],
		td: ["style"]
	},
	allowedClasses: { code: ["language-*"] },
	allowedStyles: { "*": { "text-align": [/^(left|right|center)$/] } },
	allowedSchemes: ["http", "https", "mailto", "tel"],
	allowedSchemesByTag: { img: ["http", "https"] },
	allowProtocolRelative: false,
	transformTags: {
		a: (tagName, attribs) => ({ tagName, attribs: { ...attribs, rel: "noopener noreferrer nofollow" } })
	}
};

/**
 * Turns Markdown (CommonMark with tables and strikethrough) into HTML that a page may embed as it is. HTML in the text is
 * shown as text; what the renderer makes passes an allow-list besides, so that a fault of one of both runs no script.
 */
export async function renderMarkdown(markdown: string): Promise<string> {
	const [{ default: MarkdownIt }, { default: sanitize }] = await Promise.all([
		import("markdown-it"),
		import("sanitize-html")
	]);
	return sanitize(new MarkdownIt({ html: false, breaks: true }).render(markdown), ALLOWED);
}
