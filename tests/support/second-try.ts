/** `entireDescribe` is not in the type definitions yet; without it every test of the file would have a second try. */
const ONCE_MORE = { entireDescribe: true, logErrorsBeforeRetry: true };

/**
 * Defines tests that may be tried twice, because they can fail for a reason outside the shop. The reporter prints every
 * second try and counts the tests that may have one; their number may only fall.
 */
export function withSecondTry(reason: string, define: () => void): void {
	describe(`[second try: ${reason}]`, () => {
		jest.retryTimes(1, ONCE_MORE);
		define();
	});
}
