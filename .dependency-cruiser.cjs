/** Who may import whom. Each arrow that is missing is missing for the reason given in its comment. */
module.exports = {
  forbidden: [
    {
      name: 'shared-stands-alone',
      comment:
        'shared/ runs in the gateway, in a browser and in the cloud consumer; it may know none of them.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(device|gateway|hardware|test)/' },
    },
    {
      name: 'shared-has-no-io',
      comment:
        'The rules are pure: a file, a socket or a process in them could not run in a browser. Only the generator of the committed schemas writes files.',
      severity: 'error',
      from: { path: '^shared/', pathNot: 'generate\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'device-knows-only-the-contract',
      comment: 'What stands at the door must work under any host.',
      severity: 'error',
      from: { path: '^device/' },
      to: { path: '^(gateway|test)/' },
    },
    {
      name: 'gateway-sees-ports-only',
      comment:
        'The application is written against device/ports.ts, so that a door is a fake in no test but a choice of main.ts. Two commands are no part of it: they stand in for what is at the door, and load no gateway.',
      severity: 'error',
      from: { path: '^gateway/', pathNot: '^gateway/(main|cli/board|cli/scanner)\\.ts$' },
      to: { path: '^device/', pathNot: '^device/ports\\.ts$' },
    },
    {
      name: 'nothing-imports-test',
      comment: 'The venue in test/ is for the demo and the tests; production code must not reach it.',
      severity: 'error',
      from: { path: '^(device|gateway|shared|hardware)/' },
      to: { path: '^test/' },
    },
    {
      name: 'hardware-is-data',
      comment: 'hardware/ holds the pin map and documents.',
      severity: 'error',
      from: { path: '^hardware/' },
      to: { path: '^(device|gateway|shared|test)/' },
    },
    {
      name: 'the-decision-is-pure',
      comment: 'decideAccess reads no clock, database, network or log.',
      severity: 'error',
      from: { path: '^gateway/access/' },
      to: { path: '^gateway/(journal|uplink|web|clock|cli|main)|^node:|better-sqlite3|mqtt|fastify|pino' },
    },
    {
      name: 'rooms-form-no-circle',
      comment:
        'A folder is a room of the walk, and the walk has one direction: of two rooms that need each other nobody can say which comes first, and neither can be read alone.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-cycles',
      comment: 'The walk has one direction.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
