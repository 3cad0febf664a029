const { run, servers } = require("./jest.projects");

/** `npm run test:servers`: what depends on the backends, on real servers. */
module.exports = { ...run, projects: [servers] };
