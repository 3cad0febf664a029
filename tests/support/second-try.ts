/**
 * In CI, and on real servers, a busy machine may stall one for seconds: a test has a second try there. Its first failure is
 * printed, and CI says how many needed one.
 */
jest.retryTimes(1, { logErrorsBeforeRetry: true });
