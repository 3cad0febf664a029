import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { formatEnvExample } from "../../scripts/env-example";
import { VARIABLES } from "../../settings";
import { ROOT } from "../support/root";

type Service = {
	image: string;
	command?: string[];
	ports?: string[];
	environment?: Record<string, string>;
	mem_limit?: string;
	healthcheck?: { test?: unknown; disable?: boolean };
	restart?: string;
	cap_drop?: string[];
	volumes?: string[];
	profiles?: string[];
};
type Deployment = { spec: { template: { spec: { containers: { args?: string[] }[] } } } };
type Kustomization = { configMapGenerator?: { literals: string[] }[] };
const isSecret = (variable: string) =>
	/SECRET|PRIVATE_KEY|SIGNING_KEY|API_V3_KEY|SALT|^(NATS|MONGO|REDIS)_URL/.test(variable);
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const text = read("docker-compose.yml");
const shop = parse(text, { merge: true }) as { services: Record<string, Service> };
const { services } = shop;
const { services: servers } = parse(read("deploy/servers.compose.yml")) as typeof shop;
const ours = Object.entries(services).filter(([, { image }]) => image.startsWith("zjmall:"));

it("pins every image, also the one that it is built from", () => {
	const images = Object.values(services).map(({ image }) => image);
	const bases = [...read("Dockerfile").matchAll(/^FROM (\S+)/gm)].map(([, image = ""]) => image);

	for (const image of [...images, ...bases]) expect(image).toMatch(/:v?\d+\.\d+/);
});

it("mounts only files that exist, among them the rules and dashboards of the monitoring profile", () => {
	const mounts = Object.values(services)
		.flatMap(({ volumes = [] }) => volumes)
		.filter(mount => mount.startsWith("./"))
		.map(mount => mount.split(":")[0] ?? "");
	const monitoring = Object.entries(services).filter(([, { profiles }]) =>
		profiles?.includes("monitoring")
	);
	const { providers } = parse(read("deploy/grafana/provisioning/dashboards/zjmall.yml")) as {
		providers: { options: { path: string } }[];
	};

	for (const mount of mounts) expect([mount, existsSync(join(ROOT, mount))]).toEqual([mount, true]);
	expect(monitoring.map(([name]) => name)).toEqual(
		expect.arrayContaining(["prometheus", "alertmanager", "grafana"])
	);
	for (const { options } of providers)
		expect(services["grafana"]?.volumes).toContain(`./deploy/grafana/dashboards:${options.path}:ro`);
	expect(mounts).toContain("./deploy/prometheus");
});

/** Nothing in these images could check them from inside. */
const WITHOUT_SHELL = ["jaeger", "loki", "collector"];

it("bounds the memory of every container and watches over its health", () => {
	for (const [name, { mem_limit, healthcheck, restart }] of Object.entries(services)) {
		expect([name, mem_limit]).toEqual([name, expect.stringMatching(/^\d+m$/)]);
		const unchecked = restart === "no" || WITHOUT_SHELL.includes(name);
		expect([name, healthcheck?.disable ?? false]).toEqual([name, unchecked]);
		if (!unchecked) expect(healthcheck?.test).toBeDefined();
	}
});

it("publishes no port to other machines", () => {
	const ports = Object.values(services).flatMap(service => service.ports ?? []);

	expect(ports.length).toBeGreaterThan(0);
	for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

it("offers the same servers alone, for development, on this machine only", () => {
	expect(Object.keys(servers)).toEqual(["nats", "mongo", "redis"]);
	for (const [name, { image, ports = [], mem_limit, healthcheck }] of Object.entries(servers)) {
		expect([name, image]).toEqual([name, services[name]?.image]);
		expect([name, ports, mem_limit]).toEqual([
			name,
			[expect.stringMatching(/^127\.0\.0\.1:/)],
			expect.stringMatching(/^\d+m$/)
		]);
		expect(healthcheck?.test).toBeDefined();
	}
});

it("runs every service once, except the sandbox", () => {
	const folders = readdirSync(join(ROOT, "services")).filter(name => name !== "sandbox");

	expect(ours.flatMap(([, { command = [] }]) => command).toSorted()).toEqual(folders.toSorted());
});

it("has in the image what the commands for services of other folders load outside of dist", () => {
	const commands = readdirSync(join(ROOT, "standalone")).filter(name => name.endsWith(".js"));
	const loaded = [...commands.map(name => `standalone/${name}`), "scripts/preflight.js"].flatMap(file =>
		[...read(file).matchAll(/require\("(\.[^"]+\.js)"\)/g)].map(([, name = ""]) =>
			join(dirname(file), name)
		)
	);
	const copied = [...read("Dockerfile").matchAll(/^COPY ((?!--)[^\n]+) \S+$/gm)].flatMap(([, names = ""]) =>
		names.split(" ")
	);
	const missing = loaded.filter(file => !["dist", ...copied].some(one => `${file}/`.startsWith(`${one}/`)));

	expect(loaded).toContain("scripts/needed-node.js");
	expect(missing).toEqual([]);
});

it("runs the shop without privileges", () => {
	expect(read("Dockerfile")).toMatch(/^USER node$/m);
	for (const [name, { cap_drop }] of ours) expect([name, cap_drop]).toEqual([name, ["ALL"]]);
});

it("sets only known settings, and takes every secret from the environment", () => {
	const asked = new Set([...text.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name));
	const offered = [...read(".env.example").matchAll(/^([A-Z_]+)=(.*)$/gm)];

	for (const [, { environment = {} }] of ours)
		for (const name of Object.keys(environment)) expect(VARIABLES).toContain(name);
	expect(offered.map(([, name]) => name)).toEqual(expect.arrayContaining([...asked]));
	expect(offered.map(([, , value]) => value)).toEqual(offered.map(() => ""));
	expect(text.match(/\$\{[A-Z0-9_]+(?!:\?|:-\})[^A-Z0-9_:]/)).toBeNull();
});

it("decides each setting for the shop's containers, or hands it on as .env sets it", () => {
	for (const [name, { environment = {} }] of ours)
		expect([name, Object.keys(environment).toSorted()]).toEqual([name, VARIABLES.toSorted()]);
	for (const [, name, asked] of text.matchAll(/^ {8}([A-Z_0-9]+): \$\{([A-Z_0-9]+):-\}$/gm))
		expect(asked).toBe(name);
});

describe("on Kubernetes", () => {
	const readManifests = <M>(file: string) =>
		parseAllDocuments(read(`deploy/kubernetes/${file}`)).map(document => document.toJS() as M);

	it("runs the same groups of services as the compose file", () => {
		const names = ["api", "trade", "catalogue", "people"];
		const groups = names.map(name => {
			const [deployment] = readManifests<Deployment>(`base/${name}.yaml`);
			return deployment?.spec.template.spec.containers[0]?.args;
		});

		expect(groups).toEqual(names.map(name => services[name]?.command));
	});

	it("sets only known settings, and takes every secret from a file", () => {
		const literals = ["base", "production"].flatMap(folder => {
			const [{ configMapGenerator = [] } = {}] = readManifests<Kustomization>(
				`${folder}/kustomization.yaml`
			);
			return configMapGenerator.flatMap(map => map.literals);
		});
		const names = literals.map(literal => literal.split("=", 1)[0] ?? "");

		expect(names.length).toBeGreaterThan(20);
		for (const name of names) expect(VARIABLES).toContain(name.replace(/_FILE$/, ""));
		for (const name of names.filter(isSecret)) expect(name).toMatch(/_FILE$/);
	});
});

it("has the .env.example that `npm run env-example` writes", () => {
	expect(read(".env.example")).toBe(formatEnvExample());
});
