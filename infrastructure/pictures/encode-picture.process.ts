import sharp from "sharp";

export type PictureJob = {
	readonly bytes: Uint8Array;
	/** Longest edge of the result in pixels. */
	readonly maxEdge: number;
	/** A picture of more pixels is not decoded. */
	readonly maxPixels: number;
};
/** The WebP; null for what is no picture that may be encoded. */
export type PictureResult = { readonly bytes: Uint8Array | null };

const FORMATS: readonly string[] = ["png", "jpeg", "webp"];

/** Detects the format from the bytes and encodes the picture anew, which drops metadata and trailing data. */
async function encode({ bytes, maxEdge, maxPixels }: PictureJob): Promise<PictureResult> {
	const picture = sharp(bytes, {
		limitInputPixels: maxPixels,
		failOn: "error",
		sequentialRead: true
	});
	const { format } = await picture.metadata();
	if (!FORMATS.includes(format)) return { bytes: null };
	const box = { width: maxEdge, height: maxEdge, fit: "inside", withoutEnlargement: true } as const;
	return { bytes: await picture.rotate().resize(box).webp().toBuffer() };
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
