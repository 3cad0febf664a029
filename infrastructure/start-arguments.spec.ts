import { readStartArguments } from "./start-arguments";

const ALL = ["api", "orders", "users"];
const FILE = "../mine/mine.service.ts";
const read = (line: string, { isEmbedded = false } = {}) =>
	readStartArguments(line.split(" ").filter(Boolean), ALL, isEmbedded);

it.each([
	["", ALL, []],
	["users orders", ["orders", "users"], []],
	["--except api", ["orders", "users"], []],
	[FILE, ALL, [FILE]],
	[`${FILE} orders`, ["orders"], [FILE]],
	[`none ${FILE}`, [], [FILE]],
	[`${FILE} none`, [], [FILE]]
])("runs by `%s` what it names", (line, names, files) => {
	expect(read(line)).toEqual({ names, files });
});

it.each(["none", "none orders", `none orders ${FILE}`, `none ${FILE} none`])("refuses `%s`", line => {
	expect(read(line)).toContain("none goes with files");
});

it.each([`none ${FILE}`, `${FILE} none`])("refuses `%s` where there is no bus", line => {
	expect(read(line, { isEmbedded: true })).toContain("without NATS_URL");
});

it.each(["payment", "orders none", "--except payment"])("refuses `%s`, which names no service", line => {
	expect(read(line)).toContain("no such service");
});
