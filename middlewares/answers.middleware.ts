import { Errors, type Context, type Middleware } from "moleculer";
import type { Rule } from "../schemas/kit/rules";
import { newValidator } from "../schemas/kit/validator";

/**
 * Checks every answer of an action against the rule in its contract: an answer with an unknown field, a missing field or one
 * of another type becomes a 500, since the service is wrong. Used outside production; the gateway removes unknown fields from
 * answers in any case.
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
