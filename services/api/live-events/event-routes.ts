import type { Policy } from "../../../schemas/kit/contract";

/** A route of live events as the OpenAPI document describes it. */
export type EventRoute = {
	readonly path: string;
	readonly policy: Policy;
	readonly about: string;
	readonly takesTopics: boolean;
};
export const EVENT_ROUTES: readonly EventRoute[] = [
	{
		path: "/events",
		policy: "user",
		about: "Changes of the caller's orders, payments, after-sales and shipments, as they happen (Server-Sent Events)",
		takesTopics: false
	},
	{
		path: "/admin/events",
		policy: ["admin"],
		about: "Every fact as it happens (Server-Sent Events); `topic` selects some, such as `order.*`",
		takesTopics: true
	}
];
