import { describeFacts, toTag, type FactDescription } from "./asyncapi";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text: string) => text.replace(/[&<>"]/g, char => ESCAPES[char] ?? char);

/** A field's JSON schema, as far as the catalogue shows it. */
type Property = {
	readonly type?: string | readonly string[];
	readonly enum?: readonly string[];
	readonly description?: string;
	readonly format?: string;
	readonly anyOf?: readonly Property[];
};

/** The type of a field in words, such as `string, date-time`. */
export function describeType(property: Property): string {
	if (property.anyOf) return property.anyOf.map(describeType).join(" | ");
	if (property.enum) return property.enum.map(value => `"${value}"`).join(" | ");
	const type = [property.type ?? "any"].flat().join(" | ");
	return [type, property.format, property.description].filter(Boolean).join(", ");
}

/** The fields of a fact's payload. */
export function listFields({ payload }: Pick<FactDescription, "payload">) {
	const required = (payload["required"] ?? []) as readonly string[];
	return Object.entries((payload["properties"] ?? {}) as Readonly<Record<string, Property>>).map(
		([field, property]) => ({ field, property, isRequired: required.includes(field) })
	);
}

function renderFact(fact: FactDescription): string {
	const { name, about, user, example } = fact;
	const rows = listFields(fact).map(
		({ field, property, isRequired }) =>
			`<tr><td><code>${escape(field)}</code></td><td>${escape(describeType(property))}</td><td>${
				isRequired ? "" : '可选 <span lang="en">optional</span>'
			}</td></tr>`
	);
	const seenBy =
		user === null
			? '仅员工与 webhook <span lang="en">staff and webhooks only</span>'
			: `用户本人也可见 <span lang="en">also shown to its user by</span> <code>GET /api/v1/events</code> (<code>${escape(user)}</code>)`;
	return `<article class="fact" id="${escape(name)}">
	<h3><a href="#${escape(name)}"><code>${escape(name)}</code></a></h3>
	<p>${escape(about)}</p>
	<p class="seen-by">${seenBy}</p>
	<table>
		<thead><tr><th>字段 <span lang="en">Field</span></th><th>类型 <span lang="en">Type</span></th><th></th></tr></thead>
		<tbody>${rows.join("\n")}</tbody>
	</table>
	<details><summary>示例 <span lang="en">Example</span></summary><pre tabindex="0">${escape(JSON.stringify(example, null, 2))}</pre></details>
</article>`;
}

/** The event catalogue as a page: every fact with its payload, made from the contracts. It needs no script. */
export function renderEventPage(): string {
	const groups = Map.groupBy(describeFacts(), toTag);
	const links = [...groups].map(
		([tag, facts]) => `<li><a href="#${tag}">${tag}</a> <span lang="en">${facts.length}</span></li>`
	);
	const sections = [...groups].map(
		([tag, facts]) => `<section id="${tag}"><h2>${tag}</h2>${facts.map(renderFact).join("\n")}</section>`
	);
	return `<!doctype html>
<html lang="zh-CN">
<head>
	<meta charset="utf-8" />
	<meta name="viewport" content="width=device-width, initial-scale=1" />
	<title>zjMall · 事件目录 Event catalogue</title>
	<link rel="icon" href="data:," />
	<link rel="stylesheet" href="/site.css" />
</head>
<body>
	<header class="demo">
		<strong>zjMall</strong>
		<a href="/docs">接口文档 <span lang="en">API documentation</span></a>
		<a href="/asyncapi.json">AsyncAPI 3</a>
	</header>
	<main class="catalogue">
		<h1>事件目录 <span lang="en">Event catalogue</span></h1>
		<p class="lead">变更存盘后发布，至少送达一次。<span lang="en">Published once a change is stored, and delivered at least once.</span></p>
		<ul class="ways">
			<li><code>GET /api/v1/events</code> 本人的订单、支付、售后、物流 <span lang="en">a signed-in user's own changes (Server-Sent Events)</span></li>
			<li><code>GET /api/v1/admin/events?topic=order.*</code> 全部事件，供员工 <span lang="en">every event, for administrators</span></li>
			<li><code>POST /api/v1/admin/webhooks</code> 推送到其他系统 <span lang="en">signed deliveries to other systems (Standard Webhooks)</span></li>
		</ul>
		<nav aria-label="事件分组 Groups of events"><ul class="groups">${links.join("")}</ul></nav>
		${sections.join("\n")}
	</main>
</body>
</html>
`;
}
