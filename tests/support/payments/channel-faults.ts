import type { ChannelFault } from "./channel-server";

/** Faults of the hardest kind: the channel carries the request out, and the shop does not get the answer. */
export const CHANNEL_FAULTS: readonly (readonly [string, ChannelFault])[] = [
	[
		"hangs",
		async (_, handle) => {
			await handle();
		}
	],
	[
		"answers 500",
		async (response, handle) => {
			await handle();
			response.writeHead(500, { "content-type": "application/json" }).end('{"code":"SYSTEM_ERROR"}');
		}
	],
	[
		"resets the connection",
		async (response, handle) => {
			await handle();
			response.destroy();
		}
	],
	[
		"answers in HTML",
		async (response, handle) => {
			await handle();
			response.writeHead(200, { "content-type": "text/html" }).end("<html><h1>Welcome</h1></html>");
		}
	],
	[
		"answers half of its JSON",
		async (response, handle) => {
			const { status, headers, body } = await handle();
			response.writeHead(status, headers).end(body.slice(0, body.length / 2));
		}
	],
	[
		"answers without a signature",
		async (response, handle) => {
			const { status, headers, body } = await handle();
			const bare = Object.entries(headers).filter(([name]) => !name.startsWith("wechatpay-"));
			const unsigned = String(body).replace(/,"sign":"[^"]*"/, "");
			response.writeHead(status, Object.fromEntries(bare)).end(unsigned);
		}
	]
];

export const resetConnection = CHANNEL_FAULTS[2]![1];
