import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { findFreePort } from "../../scripts/servers/local";
import { ROOT } from "../../tests/support/root";
import { start, waitForAnswer } from "./processes";

/** The program's name in Debian. */
export const PROGRAM = "prometheus-alertmanager";

type Notification = { readonly alerts: readonly { readonly labels: { readonly alertname: string } }[] };

/** A real Alertmanager with the shop's configuration, and a receiver of what it sends. */
export class Alertmanager {
	/** Names of the alerts that it has sent. */
	readonly sent = new Set<string>();

	private constructor(readonly port: number) {}

	static async start(dir: string): Promise<Alertmanager> {
		const receiver = createServer().listen(0, "127.0.0.1");
		await once(receiver, "listening");
		const alertmanager = new Alertmanager(await findFreePort());
		receiver.on("request", (req, res) => {
			let body = "";
			req.on("data", (chunk: Buffer) => (body += chunk.toString()));
			req.on("end", () => {
				for (const { labels } of (JSON.parse(body) as Notification).alerts)
					alertmanager.sent.add(labels.alertname);
				res.end();
			});
		});
		mkdirSync(dir, { recursive: true });
		const config = readFileSync(join(ROOT, "deploy/alertmanager/alertmanager.yml"), "utf8");
		const { port: receiverPort } = receiver.address() as AddressInfo;
		const address = `url: http://127.0.0.1:${receiverPort}/`;
		writeFileSync(join(dir, "alertmanager.yml"), config.replace(/url_file: .*/, address));
		const child = start(PROGRAM, [
			`--config.file=${join(dir, "alertmanager.yml")}`,
			`--storage.path=${join(dir, "data")}`,
			`--web.listen-address=127.0.0.1:${alertmanager.port}`,
			"--cluster.listen-address=",
			"--log.level=error"
		]);
		await waitForAnswer(`http://127.0.0.1:${alertmanager.port}/-/ready`, child);
		return alertmanager;
	}
}
