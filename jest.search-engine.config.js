const { run, searchEngine } = require("./jest.projects");

/** `npm run test:search-engine`: what depends on the search engine, on a real node of OpenSearch. */
module.exports = { ...run, testTimeout: 120_000, maxWorkers: 1, projects: [searchEngine] };
