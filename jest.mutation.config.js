const { run, unit } = require("./jest.projects");

/** The specs that `npm run mutation` judges. */
module.exports = {
	...run,
	...unit,
	testMatch: [
		"<rootDir>/services/{orders,payments,inventory,carts,promotions}/**/*.domain.spec.ts",
		"<rootDir>/schemas/values/{demand,goods,money,stock-level}.spec.ts"
	]
};
