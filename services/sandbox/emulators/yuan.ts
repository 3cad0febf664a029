/** Formats an amount in fen as channels write it in yuan, such as `10.00`. */
export const formatYuan = (fen: number): string => (fen / 100).toFixed(2);
