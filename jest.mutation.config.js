const { run, unit } = require("./jest.projects");

/** The specs that `npm run mutation` judges. */
module.exports = {
	...run,
	...unit,
	testMatch: [
		"<rootDir>/services/**/*.domain.spec.ts",
		"<rootDir>/schemas/{beijing-day,calendar,demand,goods,money,phone,stock-level,text,time-range}.spec.ts"
	]
};
