import type { ChannelFault } from "./channel-server";

/** Everything that may come instead of a channel's answer. The nasty kind: what was asked was done, and nobody hears of it. */
export const CHANNEL_FAULTS: readonly (readonly [string, ChannelFault])[] = [
	[
		"hangs",
		async (_, done) => {
			await done();
		}
	],
	[
		"answers 500",
		async (response, done) => {
			await done();
			response.writeHead(500, { "content-type": "application/json" }).end('{"code":"SYSTEM_ERROR"}');
		}
	],
	[
		"resets the connection",
		async (response, done) => {
			await done();
			response.destroy();
		}
	],
	[
		"answers in HTML",
		async (response, done) => {
			await done();
			response.writeHead(200, { "content-type": "text/html" }).end("<html><h1>Welcome</h1></html>");
		}
	],
	[
		"answers half of its JSON",
		async (response, done) => {
			const { status, headers, body } = await done();
			response.writeHead(status, headers).end(body.slice(0, body.length / 2));
		}
	],
	[
		"answers without a signature",
		async (response, done) => {
			const { status, headers, body } = await done();
			const bare = Object.entries(headers).filter(([name]) => !name.startsWith("wechatpay-"));
			const unsigned = String(body).replace(/,"sign":"[^"]*"/, "");
			response.writeHead(status, Object.fromEntries(bare)).end(unsigned);
		}
	]
];

export const resetConnection = CHANNEL_FAULTS[2]![1];
