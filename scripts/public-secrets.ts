import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestSecret, isGuessable } from "../infrastructure/production-guard";

const ROOT = join(__dirname, "..");
const TEXT_FILE = /\.(ts|js|json|md|ya?ml|conf|sh|html|example)$/;
const PEM = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;
/** A text assigned to a name that says it is a secret. */
const ASSIGNED =
	/(?:secret|password|apiV3Key|token|key)\w*["'`]?\s*[:=]\s*["'`]([\x21-\x7e]{16,128}?)["'`]/gi;

const isKey = (pem: string): boolean => {
	try {
		return digestSecret(pem) !== "";
	} catch {
		return false; // cut off on purpose
	}
};

/** Every secret that stands in a file of the repository and could be taken for a random one. */
export function findPublicSecrets(): string[] {
	const files = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).split("\n");
	const found = files
		.filter(file => TEXT_FILE.test(file) && file !== "package-lock.json")
		.flatMap(file => {
			const text = readFileSync(join(ROOT, file), "utf8");
			const keys = [...text.replaceAll("\\n", "\n").matchAll(PEM)].map(([pem]) => pem).filter(isKey);
			const texts = [...text.matchAll(ASSIGNED)].map(([, value = ""]) => value);
			return [...keys, ...texts.filter(value => !isGuessable(value) && /\d/.test(value))];
		});
	return [...new Set(found)];
}

/** The source of `infrastructure/public-secrets.ts`. */
export function formatPublicSecrets(): string {
	const digests = [...new Set(findPublicSecrets().map(digestSecret))].toSorted();
	return `/** Digests of the secrets that are in the repository, which production refuses. Made by \`npm run public-secrets\`. */
export const PUBLIC_DIGESTS: ReadonlySet<string> = new Set([
${digests.map(found => `\t"${found}"`).join(",\n")}
]);
`;
}

if (require.main === module) process.stdout.write(formatPublicSecrets());
