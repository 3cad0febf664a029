type Page = { readonly headers: Record<string, string>; readonly body: Buffer };
export async function pages(_url: string): Promise<Page | null> {
	return null;
}
