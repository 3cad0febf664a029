/** System routes that balancers and Prometheus call by an address. */
const BY_ADDRESS = /^\/(health\/(live|ready)|metrics)(\?|$)/;
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * A check whether a request is meant for this shop: its Host header names the host of PUBLIC_URL, or this machine itself. The
 * port is not compared, since proxies may change it. Anything else is a mistake of a proxy, or a page of another site whose
 * name was made to lead here (DNS rebinding). A shop that does not know its address takes every request.
 */
export function createHostCheck(publicUrl: string): (host: string | undefined, url: string) => boolean {
	if (publicUrl === "") return () => true;
	const ownHostname = new URL(publicUrl).hostname;
	return (host, url) => {
		if (BY_ADDRESS.test(url)) return true;
		const asked = `http://${host ?? ""}`;
		if (host === undefined || /[/?#@\\]/.test(host) || !URL.canParse(asked)) return false;
		const { hostname } = new URL(asked);
		return LOOPBACK.test(hostname) || hostname === ownHostname;
	};
}
