/** Names of fields whose values the audit log hides. */
export const SECRET_NAMES = /password|secret|token|code$/i;
