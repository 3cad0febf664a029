/**
 * `npm run webhook:listen -- --secret whsec_… [--port 4000] [--status 200]`: receives webhooks, verifies their signatures as
 * Standard Webhooks demand, and prints them. For development: WEBHOOKS_ALLOW_PRIVATE=on lets the shop call this machine.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { parseArgs } from "node:util";

const MAX_AGE_SECONDS = 300;
const MAX_BODY_BYTES = 1_048_576;

/** Whether one of the signatures is that of the secret, and the attempt is recent. */
export function isSigned(secret: string, headers: IncomingHttpHeaders, body: string, now: number): boolean {
	const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map(name =>
		String(headers[`webhook-${name}`])
	);
	if (!(Math.abs(now / 1000 - Number(timestamp)) <= MAX_AGE_SECONDS)) return false;
	const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
	const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
	return (signatures ?? "").split(" ").some(signature => {
		const sent = Buffer.from(signature.replace(/^v1,/, ""), "base64");
		return (
			signature.startsWith("v1,") && sent.length === expected.length && timingSafeEqual(sent, expected)
		);
	});
}

function listen({ secret, port, status }: { secret: string; port: number; status: number }): void {
	const seen = new Set<string>();
	const server = createServer((req, res) => {
		let body = "";
		req.setEncoding("utf8");
		req.on("data", (chunk: string) => {
			body += chunk;
			if (body.length > MAX_BODY_BYTES) req.destroy();
		});
		req.on("end", () => {
			const good = isSigned(secret, req.headers, body, Date.now());
			const id = String(req.headers["webhook-id"]);
			const note = good ? (seen.has(id) ? "again" : "new") : "BAD SIGNATURE";
			if (good) seen.add(id);
			process.stdout.write(`${new Date().toISOString()} ${id} ${note} ${body}\n`);
			res.writeHead(good ? status : 401).end();
		});
	});
	server.listen(port, "127.0.0.1", () =>
		process.stdout.write(`Listening on http://127.0.0.1:${port}/ and answering ${status}\n`)
	);
}

if (require.main === module) {
	const { values } = parseArgs({
		options: {
			secret: { type: "string", default: process.env["WEBHOOK_SECRET"] ?? "" },
			port: { type: "string", default: "4000" },
			status: { type: "string", default: "200" }
		}
	});
	if (!values.secret) {
		process.stderr.write("--secret: the secret that POST /api/v1/admin/webhooks answered\n");
		process.exit(1);
	}
	listen({ secret: values.secret, port: Number(values.port), status: Number(values.status) });
}
