/** System routes that balancers and Prometheus call by an address. */
const BY_ADDRESS = /^\/(health\/(live|ready)|metrics)(\?|$)/;
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Whether a request is meant for this shop: its Host header names the host of PUBLIC_URL, or this machine itself. The port is
 * not compared, since proxies may change it. Anything else is a mistake of a proxy, or a page of another site whose name was
 * made to lead here (DNS rebinding).
 */
export function isOwnHost(host: string | undefined, url: string, publicUrl: string): boolean {
	if (publicUrl === "" || BY_ADDRESS.test(url)) return true;
	const asked = `http://${host ?? ""}`;
	if (host === undefined || /[/?#@\\]/.test(host) || !URL.canParse(asked)) return false;
	const { hostname } = new URL(asked);
	return LOOPBACK.test(hostname) || hostname === new URL(publicUrl).hostname;
}
