const { describeWrongNode } = require("./needed-node.js") as {
	describeWrongNode(version: string): string | null;
};

it.each(["22.13.0", "22.14.1", "24.0.0"])("accepts Node %s", version => {
	expect(describeWrongNode(version)).toBeNull();
});

it.each(["18.20.4", "20.20.2", "22.12.9"])(
	"says of Node %s in both languages which is needed and how to get it",
	version => {
		expect(describeWrongNode(version)).toMatch(
			/需要 Node 22\.13 .+ \/ Node 22\.13 or later is needed, this is .+npm ci/
		);
	}
);
