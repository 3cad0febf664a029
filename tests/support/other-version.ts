import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./root";

/** Checks out a commit in a folder of its own, installs its packages, does the work in it, and removes the folder. */
export async function inVersion<R>(commit: string, work: (tree: string) => Promise<R>): Promise<R> {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-version-"));
	const tree = join(folder, "tree");
	execFileSync("git", ["worktree", "add", "--quiet", "--detach", tree, commit], { cwd: ROOT });
	try {
		execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"], {
			cwd: tree,
			stdio: "inherit"
		});
		return await work(tree);
	} finally {
		execFileSync("git", ["worktree", "remove", "--force", tree], { cwd: ROOT });
		rmSync(folder, { recursive: true });
	}
}
