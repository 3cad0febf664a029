import { Validators } from "moleculer";

type Check = ReturnType<Validators.Fastest["compile"]>;

/** Compiles the rule of an action's parameters at its first call: compiling all of them is a third of the work of a start. */
export class LazyValidator extends Validators.Fastest {
	override compile(rule: Parameters<Validators.Fastest["compile"]>[0]): Check {
		let check: Check | undefined;
		return (params, options) => (check ??= super.compile(rule))(params, options);
	}
}
