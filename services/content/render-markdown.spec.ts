import { renderMarkdown } from "./render-markdown";

it("renders headings, lists, tables, links and pictures", async () => {
	const html = await renderMarkdown(
		"# 标题\n\n- **一**\n- ~~二~~\n\n| a | b |\n| :-: | --- |\n| 1 | [茶](/tea) |\n\n![图](/a.webp)\n\n```ts\n1 < 2\n```\n"
	);

	expect(html).toContain("<h1>标题</h1>");
	expect(html).toContain("<li><strong>一</strong></li>");
	expect(html).toContain("<s>二</s>");
	expect(html).toContain('<th style="text-align:center">a</th>');
	expect(html).toContain('<a href="/tea" rel="noopener noreferrer nofollow">茶</a>');
	expect(html).toContain('<img src="/a.webp" alt="图" />');
	expect(html).toContain('<code class="language-ts">1 &lt; 2\n</code>');
});

it.each([
	"<script>alert(1)</script>",
	"<img src=x onerror=alert(1)>",
	"<svg/onload=alert(1)>",
	"[x](javascript:alert(1))",
	"[x](JaVaScRiPt:alert(1))",
	"[x](java&#x0A;script:alert(1))",
	"[x](&#106;avascript:alert(1))",
	"[x](vbscript:alert(1))",
	"[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
	"![x](data:image/svg+xml;base64,PHN2Zy8+)",
	'![x"onerror="alert(1)](/a)',
	'[x](/a "t\\" onmouseover=alert(1) \\"")',
	"<javascript:alert(1)>",
	"[x]: javascript:alert(1)\n\n[x]",
	"[x](//evil.example/a)",
	"<a href='javascript:alert(1)'>x</a>",
	"<iframe src=//evil.example></iframe>",
	"<style>*{display:none}</style>",
	'```"onmouseover=alert(1)\nx\n```',
	"<!-- --><base href=//evil.example>",
	"<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>"
])("makes no script, no foreign element and no foreign scheme of %j", async markdown => {
	const html = await renderMarkdown(markdown);

	const elements = [...html.matchAll(/<\/?([a-z]\w*)([^>]*)>/gi)];
	const allowed = /^(p|a|img|br|code|pre|strong|em)$/;
	expect(elements.filter(([, name = ""]) => !allowed.test(name))).toEqual([]);
	for (const [, , attributes = ""] of elements) {
		const names = [...attributes.matchAll(/([\w-]+)="[^"]*"/g)].map(([, name]) => name);
		expect(names.filter(name => !/^(href|rel|title|src|alt|class)$/.test(name ?? ""))).toEqual([]);
		expect(attributes).not.toMatch(/(href|src)="(\s*(javascript|vbscript|data):|\/\/)/i);
		expect(attributes.replace(/"[^"]*"/g, "")).not.toMatch(/on\w+=/i);
	}
});

it.each(["[", "![", "*a_", "`", "> ", "<", "a@b.c ", "- ", "|", "[](", "&#"])(
	"takes no longer than a moment for 20,000 characters of %j",
	async bit => {
		const markdown = bit.repeat(20_000 / bit.length);
		await renderMarkdown("warm");
		const startedAt = process.cpuUsage();

		await renderMarkdown(markdown);

		expect(process.cpuUsage(startedAt).user).toBeLessThan(3_000_000); // in microseconds
	}
);
