import type { ServiceBroker } from "moleculer";

/** Metadata of a node that is not ready yet: the gateways' `/health/ready` names what it lacks. */
export type NodeMetadata = { readonly lacks?: readonly string[] };

/** Tells all nodes what this one lacks from now on. */
export async function announceLacks(broker: ServiceBroker, lacks: readonly string[]): Promise<void> {
	broker.metadata["lacks"] = lacks;
	// Every node has a copy of the others' metadata, which it renews when they announce themselves.
	broker.registry.regenerateLocalRawInfo(true);
	await broker.registry.discoverer.sendLocalNodeInfo();
}

/** Names of what the reachable nodes lack, each once. */
export const listNodeLacks = (broker: ServiceBroker): string[] => {
	const nodes: readonly { metadata?: NodeMetadata | null }[] = broker.registry.getNodeList({
		onlyAvailable: true
	});
	return [...new Set(nodes.flatMap(({ metadata }) => metadata?.lacks ?? []))];
};
