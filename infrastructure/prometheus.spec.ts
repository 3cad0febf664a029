import { ServiceBroker } from "moleculer";
import { counter, gauge, histogram, OPEN } from "../schemas/kit/metric";
import { settings } from "../settings";
import { openCounter, openGauge, openHistogram, registerCollector, renderMetrics } from "./prometheus";

const PARCELS = counter({
	name: "parcels_total",
	description: "Parcels",
	labels: { carrier: ["a", "b"], outcome: ["sent", "lost"] }
});
const ROUTES = counter({ name: "routes_total", description: "By route", labels: { route: OPEN } });
const WAITS = histogram({ name: "waits_seconds", description: "Waits", buckets: [0.1, 1] });
const DEPTH = gauge({ name: "depth_meters", description: "Depth" });

const createBroker = () => new ServiceBroker({ namespace: "mall", logger: false });
const linesOf = async (broker: ServiceBroker, name: string) =>
	(await renderMetrics(broker)).split("\n").filter(line => line.startsWith(name));

it("begins every combination of known label values at 0, and an open label at its first value", async () => {
	const broker = createBroker();
	openCounter(broker, PARCELS)({ carrier: "b", outcome: "lost" }, 2);
	openCounter(broker, ROUTES)({ route: "GET /" });

	expect(await linesOf(broker, "parcels_total")).toEqual([
		'parcels_total{carrier="a",outcome="sent",namespace="mall"} 0',
		'parcels_total{carrier="a",outcome="lost",namespace="mall"} 0',
		'parcels_total{carrier="b",outcome="sent",namespace="mall"} 0',
		'parcels_total{carrier="b",outcome="lost",namespace="mall"} 2'
	]);
	expect(await linesOf(broker, "routes_total")).toEqual(['routes_total{route="GET /",namespace="mall"} 1']);
});

it("shares a metric that several services of a process count", async () => {
	const broker = createBroker();
	for (let service = 0; service < 2; service++) openHistogram(broker, WAITS)(0.5, {});

	expect(await linesOf(broker, "waits_seconds")).toEqual([
		'waits_seconds_bucket{le="0.1",namespace="mall"} 0',
		'waits_seconds_bucket{le="1",namespace="mall"} 2',
		'waits_seconds_bucket{le="+Inf",namespace="mall"} 2',
		'waits_seconds_sum{namespace="mall"} 1',
		'waits_seconds_count{namespace="mall"} 2'
	]);
});

it("reads figures when they are rendered, and shows the others where one can't be read", async () => {
	const broker = createBroker();
	const show = openGauge(broker, DEPTH);
	registerCollector(broker, () => {
		throw new Error("This one can't be read");
	});
	registerCollector(broker, async () => show(7, {}));

	expect(await linesOf(broker, "depth_meters")).toEqual(['depth_meters{namespace="mall"} 7']);
});

it("counts nothing where metrics are off", async () => {
	jest.replaceProperty(settings, "metrics", false);
	const broker = createBroker();
	openCounter(broker, ROUTES)({ route: "GET /" });
	const text = await renderMetrics(broker);
	jest.restoreAllMocks();

	expect(text).toBe("");
});
