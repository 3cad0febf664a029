import { parseArgs } from "node:util";
import mutants from "../mutants/mutants";

export const HELP = `npm run prove [-- options]: trades at a shop, injects faults if asked to, and judges every order, unit and fen.

  --minutes n    how long buyers trade (default: 1)
  --faults       kill, freeze and restart the shop and its servers, and disturb the links between them; not with --url
  --seed n       the seed of all random choices (default: taken from the clock)
  --buyers n     number of buyers (default: 12)
  --skus n       number of SKUs (default: 6)
  --servers      start the shop on NATS, a document server and Redis instead of embedded
  --mutant name  start the shop with that seeded bug; the run must find violations
  --url u        use a deployment whose sandbox is on, instead of starting a shop; needs ADMIN_PHONE and ADMIN_PASSWORD
  --mongo u      the database of that deployment, to check the invariants on; needs MALL_NAMESPACE
  --out folder   folder of the report (default: prove)
Exit code: 0 without violations, 1 with violations, 2 if it could not run.`;

const number = (name: string, text: string | undefined, fallback: number): number => {
	const value = text === undefined ? fallback : Number(text);
	if (!Number.isFinite(value) || value <= 0)
		throw new Error(`--${name} must be a number above 0, not ${text}`);
	return value;
};

/** Reads the arguments of the command; throws for the first one that can't work. */
export function readOptions(args: readonly string[]) {
	const text = { type: "string" } as const;
	const flag = { type: "boolean", default: false } as const;
	const { values } = parseArgs({
		args: [...args],
		options: {
			help: flag,
			faults: flag,
			servers: flag,
			minutes: text,
			seed: text,
			buyers: text,
			skus: text,
			mutant: text,
			url: text,
			mongo: text,
			out: { type: "string", default: "prove" }
		}
	});
	if (values.url !== undefined && (values.faults || values.mutant !== undefined || values.servers))
		throw new Error("--faults, --mutant and --servers cannot be used with --url");
	if (values.mutant !== undefined && !mutants.some(({ name }) => name === values.mutant))
		throw new Error(
			`--mutant must be one of ${mutants.map(({ name }) => name).join(", ")}, not ${values.mutant}`
		);
	if (values.mongo !== undefined && values.url === undefined) throw new Error("--mongo needs --url");
	return {
		...values,
		minutes: number("minutes", values.minutes, 1),
		seed: number("seed", values.seed, (Date.now() % 1_000_000) + 1),
		buyers: number("buyers", values.buyers, 12),
		skus: number("skus", values.skus, 6)
	};
}
export type Options = ReturnType<typeof readOptions>;
