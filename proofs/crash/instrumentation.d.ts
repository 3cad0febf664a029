declare const edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
export = edits;
