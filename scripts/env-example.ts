import { readFileSync } from "node:fs";
import { join } from "node:path";
import { VARIABLES } from "../settings";

const read = (file: string) => readFileSync(join(__dirname, "..", file), "utf8");
const asksFor = (compose: string, pattern: RegExp): string[] => [
	...new Set([...compose.matchAll(pattern)].map(([, name = ""]) => name))
];

/** Default and meaning of each variable, from the README's table of settings. */
function readMeanings(): Map<string, string> {
	const rows = [...read("README.en.md").matchAll(/^\| (`[A-Z_][^|]*?) *\|([^|]*)\|([^|]*)\|$/gm)];
	return new Map(
		rows.flatMap(([, names = "", initial = "", meaning = ""]) =>
			[...names.matchAll(/`([A-Z_0-9]+)`/g)].map(([, name = ""]) => {
				const byDefault = initial.trim() === "–" ? "" : ` Default: ${initial.trim()}.`;
				return [name, `${meaning.trim()}.${byDefault}`.replaceAll("`", "").replace("..", ".")];
			})
		)
	);
}

/** The file that operators copy to `.env`: first what compose refuses to start without, then all that it hands on. */
export function formatEnvExample(): string {
	const compose = read("docker-compose.yml");
	const required = asksFor(compose, /\$\{([A-Z_]+):\?/g);
	const offered = asksFor(compose, /\$\{([A-Z_]+):-\}/g);
	const optional = VARIABLES.filter(name => offered.includes(name));
	const others = offered.filter(name => !(VARIABLES as readonly string[]).includes(name));
	const meanings = readMeanings();
	let last: string | undefined;
	/** Variables of one row of the table have their meaning above the first of them. */
	const line = (name: string) => {
		const meaning = meanings.get(name);
		const heading = meaning !== undefined && meaning !== last ? `# ${meaning}\n` : "";
		last = meaning;
		return `${heading}${name}=\n`;
	};
	return [
		"# Copy to .env and fill in. Made by `npm run env-example`. Passwords: openssl rand -hex 24, each another one.\n",
		"\n# Required: `docker compose` refuses to start while one of these is empty.\n",
		...required.map(line),
		"\n# Optional: a payment channel and an SMS provider make an open shop; the rest has defaults.\n",
		...optional.map(line),
		"\n# For `docker compose --profile monitoring`: where alerts are sent, and the password of Grafana's `admin`.\n",
		...others.map(line)
	].join("");
}

if (require.main === module) process.stdout.write(formatEnvExample());
