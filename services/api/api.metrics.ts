import { counter, gauge, histogram, OPEN } from "../../schemas/kit/metric";

export const API_METRICS = {
	duration: histogram({
		name: "mall_http_request_duration_seconds",
		description:
			"Duration of requests by route, until their answer was sent; streams of live events left out",
		labels: { route: OPEN },
		buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
	}),
	responses: counter({
		name: "mall_http_responses_total",
		description: "Answers by route and HTTP status; 499: the client left before",
		labels: { route: OPEN, status: OPEN }
	}),
	fromCache: counter({
		name: "mall_answers_from_cache_total",
		description: "Requests that were answered from the gateway's cache, without any call"
	}),
	streams: gauge({ name: "mall_event_streams", description: "Open streams of live events" }),
	streamsBehind: gauge({
		name: "mall_event_streams_behind",
		description: "Facts that streams have yet to be sent"
	}),
	eventsSent: counter({
		name: "mall_events_sent_total",
		description: "Live events that were sent to clients"
	})
};
