/** The services that a process runs: those of the shop by name, others by their files. */
export type StartPlan = { readonly names: readonly string[]; readonly files: readonly string[] };

/** An argument that names the file of a service outside of this repository. */
const isServiceFile = (argument: string) => /\.service\.(ts|js)$/.test(argument);

/**
 * Reads the arguments of a start. `npm start`: all of the shop's services; `npm start -- orders inventory`: those two; `--
 * --except api`: all others; `-- none my.service.ts`: none, only the files. A text says why they can't be followed.
 */
export function readStartArguments(
	args: readonly string[],
	all: readonly string[],
	isEmbedded: boolean
): StartPlan | string {
	const files = args.filter(isServiceFile);
	const words = args.filter(argument => !isServiceFile(argument));
	if (words[0] === "none") {
		if (words.length > 1 || files.length === 0)
			return "none 只能与服务文件一起使用，如 none my.service.ts / none goes with files of services only, such as none my.service.ts";
		if (isEmbedded)
			return "没有 NATS_URL，单独的进程无法加入商城；去掉 none 就在同一个进程里运行整个商城 / without NATS_URL a process can't join a shop; leave out none to run the shop in the same process";
		return { names: [], files };
	}
	const except = words[0] === "--except";
	const named = except ? words.slice(1) : words;
	const unknown = named.filter(name => !all.includes(name));
	if (unknown.length)
		return `没有这样的服务 / no such service: ${unknown.join(", ")}。已有 / there are: ${all.join(", ")}`;
	const names = named.length === 0 ? all : all.filter(name => named.includes(name) !== except);
	return { names, files };
}
