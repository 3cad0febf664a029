declare const mutants: readonly {
	readonly name: string;
	readonly says: string;
	readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}[];
export = mutants;
