const { run, searchEngine } = require("./jest.projects");

/** `npm run test:search-engine`: what depends on the search engine, on a real node of OpenSearch. */
module.exports = { ...run, maxWorkers: 1, projects: [searchEngine] };
