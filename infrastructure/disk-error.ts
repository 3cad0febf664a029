/** A full or failing disk: nothing of the write is stored. Clients get SERVICE_UNAVAILABLE, as for a server that is down. */
export class DiskError extends Error {
	readonly type = "STORE_UNAVAILABLE";
	override readonly name = "DiskError";
}

/** SQLite's primary result codes SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN. */
const DISK_ERROR_CODES = [8, 10, 13, 14];

const isDiskError = (err: unknown) =>
	err instanceof Error && "errcode" in err && DISK_ERROR_CODES.includes(Number(err.errcode) & 0xff);

/** Runs work on the file; an error of its disk is rethrown as a `DiskError`. */
export function rethrowDiskErrors<R>(work: () => R): R {
	try {
		return work();
	} catch (err) {
		if (!isDiskError(err) || !(err instanceof Error)) throw err;
		throw new DiskError(`The data folder can't be written to (${err.message})`, { cause: err });
	}
}
