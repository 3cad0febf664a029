import { Errors, type Context, type Middleware } from "moleculer";
import type { Rule } from "../schemas/kit/rules";
import { newValidator } from "../schemas/validator";

/**
 * Checks every answer of an action against the rule of its contract: a field too many, one too few or one of another type
 * is a defect of the service, and a 500. For tests and development; the gateway cuts answers to their rule in any case.
 */
export function answersMiddleware(): Middleware {
	const validator = newValidator();
	return {
		name: "Answers",
		localAction(
			next: (ctx: Context) => Promise<unknown>,
			action: { name?: string; answer?: Rule<unknown> }
		) {
			const { name, answer } = action;
			if (!answer) return next;
			// Compiled at the first call: most actions of a process are never called in a test.
			let check: ReturnType<typeof validator.compile> | undefined;
			return async (ctx: Context) => {
				const result = await next(ctx);
				check ??= validator.compile({ $$root: true, ...answer });
				const verdict = await check(result === undefined ? null : result);
				if (verdict === true) return result;
				const faults = verdict.map(({ field, type, message }) => ({ field, type, message }));
				throw new Errors.MoleculerServerError(
					`${name} answered against its contract`,
					500,
					"ANSWER_MISMATCH",
					faults
				);
			};
		}
	};
}
