import sharp from "sharp";

export type PictureJob = {
	readonly bytes: Uint8Array;
	/** Longest edge of the result in pixels. */
	readonly maxEdge: number;
	/** A picture of more pixels is not decoded. */
	readonly maxPixels: number;
	/** Size of the result, for which quality is given up, and pixels where that is not enough. */
	readonly maxBytes: number;
};
/** The WebP; null for what is no picture that may be encoded. */
export type PictureResult = { readonly bytes: Uint8Array | null };

const FORMATS: readonly string[] = ["png", "jpeg", "webp"];

/** Tried in this order until the result is small enough; `scale` is of the longest edge. The last one is taken in any case. */
const QUALITIES = [
	{ quality: 80, scale: 1 },
	{ quality: 50, scale: 1 },
	{ quality: 20, scale: 1 },
	{ quality: 20, scale: 0.5 }
] as const;

/** Detects the format from the bytes and encodes the picture anew, which drops metadata and trailing data. */
async function encode({ bytes, maxEdge, maxPixels, maxBytes }: PictureJob): Promise<PictureResult> {
	const open = () => sharp(bytes, { limitInputPixels: maxPixels, failOn: "error", sequentialRead: true });
	const { format } = await open().metadata();
	if (!FORMATS.includes(format)) return { bytes: null };
	let encoded: Uint8Array | null = null;
	for (const { quality, scale } of QUALITIES) {
		const edge = Math.round(maxEdge * scale);
		const box = { width: edge, height: edge, fit: "inside", withoutEnlargement: true } as const;
		encoded = await open().rotate().resize(box).webp({ quality }).toBuffer();
		if (encoded.length <= maxBytes) break;
	}
	return { bytes: encoded };
}

/** The child process of `PictureEncoder`: answers each job that it is sent, and ends with its parent. */
function answerJobs(): void {
	sharp.cache(false);
	sharp.concurrency(1);
	process.on("message", (job: PictureJob) => {
		void encode(job)
			.catch((): PictureResult => ({ bytes: null }))
			.then(result => process.send?.(result));
	});
	process.once("disconnect", () => process.exit());
}

if (require.main === module) answerJobs();
