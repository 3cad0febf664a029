import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as yieldToOthers } from "node:timers/promises";

/** A piece of a file, and where the next one begins. */
export type Piece = { readonly text: string; readonly state: string | null };

/** Sends a file piece by piece, at the speed of the client; ends where the client has left. */
export async function sendPieces(
	res: ServerResponse,
	{ type, filename }: { readonly type: string; readonly filename: string },
	read: (state: string | undefined) => Promise<Piece>
): Promise<void> {
	let piece = await read(undefined);
	res.writeHead(200, {
		"Content-Type": type,
		"Content-Disposition": `attachment; filename="${filename}"`,
		"Cache-Control": "no-store"
	});
	for (;;) {
		if (res.destroyed) return;
		if (!res.write(piece.text)) await Promise.race([once(res, "drain"), once(res, "close")]);
		if (piece.state === null) break;
		await yieldToOthers(); // a client that takes all at once must not hold up the others
		piece = await read(piece.state);
	}
	res.end();
}
