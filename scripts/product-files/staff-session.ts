import { text as readText } from "node:stream/consumers";
import { parseArgs } from "node:util";

/** A running shop, reached as a member of staff. */
export type StaffSession = {
	/** Sends a request; throws the message of a refusal. */
	send(method: string, path: string, body?: FormData): Promise<Response>;
};

/** The command's file and its flags from the arguments, and a session of the phone that they name. */
export async function openSession(usage: string, flags: readonly string[] = []) {
	const options = {
		url: { type: "string", default: "http://127.0.0.1:3000" },
		phone: { type: "string", default: "13800000000" }
	} as const;
	const { values, positionals } = parseArgs({
		args: process.argv.slice(2),
		options: {
			...options,
			...Object.fromEntries(flags.map(flag => [flag, { type: "boolean" as const }]))
		},
		allowPositionals: true
	});
	const [file] = positionals;
	if (file === undefined || positionals.length !== 1) throw new Error(usage);
	const given = values as Readonly<Record<string, string | boolean | undefined>>;
	const [url, phone] = [String(given["url"]), String(given["phone"])];
	const asked = new URLSearchParams(
		flags.filter(flag => given[flag]).map((flag): [string, string] => [flag, "true"])
	);
	return { file, query: asked.size ? `?${asked.toString()}` : "", session: await signIn(url, phone) };
}

/** The password comes from the variable MALL_PASSWORD or on standard input; without one it is that of the demo account. */
async function readPassword(): Promise<string> {
	const { MALL_PASSWORD } = process.env;
	if (MALL_PASSWORD) return MALL_PASSWORD;
	const [typed = ""] = process.stdin.isTTY ? [] : (await readText(process.stdin)).split(/\r?\n/);
	return typed || "Mall-admin-1";
}

async function signIn(url: string, phone: string): Promise<StaffSession> {
	const base = `${url.replace(/\/$/, "")}/api/v1`;
	const reply = await fetch(`${base}/auth/login`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ phone, password: await readPassword() })
	});
	const session = await readData<{ accessToken: string }>(reply);
	const headers = { Authorization: `Bearer ${session.accessToken}` };
	return {
		async send(method, path, body) {
			const answer = await fetch(base + path, { method, headers, ...(body && { body }) });
			if (!answer.ok) await readData(answer);
			return answer;
		}
	};
}

/**
 * Sends an import. An answer that takes longer than `fetch` waits, which is five minutes, does not end it: the file is sent
 * again and waits for the import that runs.
 */
export async function sendImport(send: () => Promise<Response>): Promise<Response> {
	for (;;)
		try {
			return await send();
		} catch (err) {
			const cause = err instanceof Error ? err.cause : undefined;
			const isTimeout =
				cause instanceof Error && "code" in cause && cause.code === "UND_ERR_HEADERS_TIMEOUT";
			if (!isTimeout) throw err;
		}
}

/** The data of an answer; throws the message of a refusal. */
export async function readData<D>(reply: Response): Promise<D> {
	const { message, data } = (await reply.json()) as { message: string; data: unknown };
	const faults = Array.isArray(data) ? data : [];
	const detail = faults.map(fault => {
		const { field, message: reason } = fault as { field: string; message: string };
		return `\n  ${field}: ${reason}`;
	});
	if (!reply.ok) throw new Error(message + detail.join(""));
	return data as D;
}

/** A bar at a terminal; a line every tenth elsewhere. */
export function createBar(): (done: number, total: number, note: string) => void {
	let last = -1;
	return (done, total, note) => {
		const tenths = total === 0 ? 0 : Math.floor((10 * done) / total);
		const bar = `[${"#".repeat(2 * tenths).padEnd(20, ".")}] ${done}/${total} ${note}`;
		if (process.stdout.isTTY) process.stdout.write(`\r${bar}${done >= total && total > 0 ? "\n" : ""}`);
		else if (tenths > last) process.stdout.write(`${bar}\n`);
		last = Math.max(last, tenths);
	};
}
