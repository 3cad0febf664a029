/** Names of facts to select: one fact (`order.paid`), all of a noun (`order.*`), or all (`*`). */
export const TOPIC = /^(\*|[a-z_]+\.(\*|[a-z_]+))$/;

/** Whether the topic selects the fact. */
export const matchesTopic = (topic: string, fact: string): boolean =>
	topic === "*" || topic === fact || (topic.endsWith(".*") && fact.startsWith(topic.slice(0, -1)));

/** Whether any of the topics selects the fact. */
export const matchesAny = (topics: readonly string[], fact: string): boolean =>
	topics.some(topic => matchesTopic(topic, fact));

/** The first topic that is malformed or selects none of the facts; undefined where all are good. */
export const findBadTopic = (topics: readonly string[], facts: readonly string[]): string | undefined =>
	topics.find(topic => !TOPIC.test(topic) || !facts.some(fact => matchesTopic(topic, fact)));
