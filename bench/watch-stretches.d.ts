/**
 * Tells each time for which the event loop served nobody else, between two runs of `setImmediate`: in milliseconds by the clock,
 * and by the CPU time of the loop's thread, in which what else the machine does has no share. The returned function ends it.
 */
export function watchStretches(onStretch: (ms: number, cpuMs: number) => void): () => void;
