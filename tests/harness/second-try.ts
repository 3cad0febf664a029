/** On real servers a busy machine may stall one for seconds: a test has a second try there, and its first failure is printed. */
jest.retryTimes(1, { logErrorsBeforeRetry: true });
