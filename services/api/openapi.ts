/** Placeholder replaced in the next commit. */
export const openApi = (): object => ({});
