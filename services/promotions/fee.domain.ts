/** Amounts in fen. */
export type FeeRule = {
	readonly fee: number;
	/** Items total from which shipping is free; 0 means never. */
	readonly freeFrom: number;
};

export const calculateShippingFee = (itemsTotal: number, { fee, freeFrom }: FeeRule): number =>
	freeFrom > 0 && itemsTotal >= freeFrom ? 0 : fee;
