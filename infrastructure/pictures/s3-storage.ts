import { AwsClient } from "aws4fetch";
import { Refusal } from "../../schemas/errors/errors";
import { readBoundedBody } from "../http-exchange";

/** Where the bytes of pictures are kept, by name. Every method may be repeated. */
export interface PictureStorage {
	put(name: string, bytes: Buffer): Promise<void>;
	/** Null where there is none. */
	get(name: string): Promise<Buffer | null>;
	remove(name: string): Promise<void>;
}

export type S3Account = {
	/** The bucket's address, with the bucket in the path or in the host's name. */
	readonly url: string;
	readonly region: string;
	readonly accessKey: string;
	readonly secretKey: string;
};

const TIMEOUT_MS = 2_500;
const MAX_PICTURE_BYTES = 8 * 1024 * 1024;
const HEADERS = { "Content-Type": "image/webp", "Cache-Control": "public, max-age=31536000, immutable" };

/** Keeps pictures in a bucket of any service with S3's API, as `uploads/<name>.webp`. Failures are SERVICE_UNAVAILABLE. */
export class S3Storage implements PictureStorage {
	private readonly client: AwsClient;

	constructor(private readonly account: S3Account) {
		const { accessKey: accessKeyId, secretKey: secretAccessKey, region } = account;
		this.client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 1 });
	}

	async put(name: string, bytes: Buffer): Promise<void> {
		await this.send(name, { method: "PUT", body: new Uint8Array(bytes), headers: HEADERS }, [200]);
	}

	async get(name: string): Promise<Buffer | null> {
		return this.send(name, { method: "GET" }, [200, 404]);
	}

	async remove(name: string): Promise<void> {
		await this.send(name, { method: "DELETE" }, [204, 200, 404]);
	}

	/** The body of the answer; null with status 404. An error's text holds no signature. */
	private async send(name: string, init: RequestInit, expected: readonly number[]): Promise<Buffer | null> {
		const url = `${this.account.url}/uploads/${name}.webp`;
		const unavailable = (detail: string) =>
			new Refusal("SERVICE_UNAVAILABLE", `The picture storage ${detail}`, { retryAfter: 2 });
		try {
			const request = { ...init, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
			const response = await this.client.fetch(url, request);
			const body = await readBoundedBody(response, MAX_PICTURE_BYTES);
			if (!expected.includes(response.status)) throw unavailable(`answers ${response.status}`);
			if (!body) throw unavailable("sends too much");
			return response.status === 404 ? null : body;
		} catch (err) {
			if (err instanceof Refusal) throw err;
			throw unavailable(`can't be reached: ${err instanceof Error ? err.name : "no error"}`);
		}
	}
}
