"use strict";

const threadCpuMs = () => {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1000;
};

exports.watchStretches = onStretch => {
	let isStopped = false;
	let last = performance.now();
	let lastCpu = threadCpuMs();
	const next = () => {
		const now = performance.now();
		const cpu = threadCpuMs();
		onStretch(now - last, cpu - lastCpu);
		last = now;
		lastCpu = cpu;
		if (!isStopped) setImmediate(next);
	};
	setImmediate(next);
	return () => {
		isStopped = true;
	};
};
