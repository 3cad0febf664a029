export const SUMMARIES_ZH: Readonly<Record<string, string>> = {};
