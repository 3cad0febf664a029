const { edge, embedded, run, unit } = require("./jest.projects");

/** `npm test`: each test once, without any server. `jest --selectProjects unit` runs one of the three. */
module.exports = { ...run, projects: [unit, edge, embedded] };
