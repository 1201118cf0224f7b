/** The documents are true: their commands are accepted as they stand, their flags exist, and their links lead somewhere. */
import {existsSync, readFileSync} from 'node:fs'
import {cp, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {dbExplainMetrics} from '../../src/lib/drills/db-explain/metrics.js'
import {CHECKS} from '../../src/lib/drills/db-explain/input.js'
import {promisesOf} from '../../src/lib/drills/db-explain/promises.js'
import {msgThroughputMetrics} from '../../src/lib/drills/msg-throughput/metrics.js'
import {wsFloodMetrics} from '../../src/lib/drills/ws-flood/metrics.js'
import {faultMetrics} from '../../src/lib/faults/course/metrics.js'
import {generatorMetrics} from '../../src/lib/load/health.js'
import {DEFECTS} from '../../src/lib/targets/practice/defects/catalogue.js'
import {
  ALL_DOCUMENTS,
  anchorsIn,
  argumentsOf,
  blocksIn,
  commandsIn,
  examplesIn,
  flagsIn,
  flagsInProse,
  linksIn,
  ROOT,
  textOf,
  USER_DOCUMENTS,
} from './documents.js'

interface Manifest {
  readonly commands: Readonly<Record<string, {readonly flags: Readonly<Record<string, {readonly default?: string}>>}>>
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as Manifest
const scripts = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {scripts: Record<string, string>})
  .scripts
const blocks = USER_DOCUMENTS.flatMap(blocksIn)
const shell = [...blocks, ...blocksIn('CONTRIBUTING.md')].flatMap((block) =>
  block.language === 'sh' ? commandsIn(block) : examplesIn(block),
)
const calls = shell.flatMap((command) => {
  const words = argumentsOf(command)
  return words === undefined ? [] : [{...command, words, text: words.join(' ')}]
})
const nameOf = (block: {readonly text: string}) => /^(?:#|--) (\S+\.(?:ya?ml|sql))\n/.exec(block.text)?.[1]

let folder: string

/** The files that the documents' commands name, with the contents that the documents give them. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proofload-readme-'))
  await cp(join(ROOT, 'fixtures/proofload.yaml'), join(folder, 'proofload.yaml'))
  for (const block of blocks) {
    const name = nameOf(block)
    if (['yaml', 'sql'].includes(block.language) && name !== undefined)
      await writeFile(join(folder, inPlace(name)), block.text)
  }
})

afterAll(async () => {
  await rm(folder, {recursive: true})
})

/** The config file is only to be found by the test that is about it. */
function inPlace(name: string): string {
  return name === 'proofload.config.yaml' ? 'named.config.yaml' : name
}

async function dryRun(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const ran = await execa(process.execPath, [join(ROOT, 'bin/run.js'), ...words, '--dry-run'], {
    cwd: folder,
    env: environment,
    reject: false,
    stdin: 'ignore',
  })
  return {exitCode: ran.exitCode, stderr: ran.stderr, stdout: ran.stdout}
}

describe('commands in the documents', () => {
  test('there are some', () => expect(calls.length).toBeGreaterThan(10))

  // A dry run of a fault greets its server, which is not there.
  test.concurrent.each(calls.filter(({words}) => 'dry-run' in flagsOf(words) && words[0] !== 'fault'))(
    '$where is accepted: $text',
    async ({words, environment}) => {
      expect(await dryRun(words, environment)).toMatchObject({exitCode: 0, stderr: ''})
    },
  )

  test.each(calls)('$where has only flags that exist: $text', ({words}) => {
    expect(Object.keys(flagsOf(words))).toEqual(expect.arrayContaining(flagsIn(words)))
  })

  test.each(shell.filter(({words}) => words[0] === 'npm' && words[1] === 'run'))(
    '$where names a script of package.json: $words',
    ({words}) => expect(Object.keys(scripts)).toContain(words[2]),
  )

  test.each(shell.filter(({words}) => words[0] === 'cp'))('$where copies a file that exists: $words', ({words}) =>
    expect(existsSync(join(ROOT, words[1] ?? ''))).toBe(true),
  )
})

describe('YAML in the documents', () => {
  test.each(blocks.filter(({language}) => language === 'yaml'))('$where says which file it is', (block) =>
    expect(nameOf(block)).toBeDefined(),
  )

  test('the config file is accepted, and says what the drill does', async () => {
    const {exitCode, stdout} = await dryRun(['ws-flood', '--config', 'named.config.yaml'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({roster: {users: 5000}, connectRate: 500})
  })
})

describe('the prose', () => {
  const known = new Set(Object.values(manifest.commands).flatMap(({flags}) => Object.keys(flags)))

  test.each(USER_DOCUMENTS)('%s names only flags that exist', (file) => {
    const unknown = flagsInProse(file).filter((flag) => !known.has(flag) && flag !== 'help')
    expect(unknown).toEqual([])
  })

  test.each(Object.entries(DEFECTS))('practice.md has the defect %s with its usual value', (name, {usual, finding}) => {
    const row = textOf('docs/practice.md')
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\``))
    expect(row).toContain(`\`${usual}\``)
    expect(row).toContain(`\`${finding}\``)
  })

  test.each(Object.keys(wsFloodMetrics))('ws-flood.md explains the metric %s', (name) =>
    expect(textOf('docs/ws-flood.md')).toMatch(new RegExp(`\`${name}(\\{|\`)`)),
  )

  test.each(
    Object.keys(msgThroughputMetrics).filter((name) => !Object.hasOwn({...faultMetrics, ...generatorMetrics}, name)),
  )('msg-throughput.md explains the metric %s', (name) =>
    expect(textOf('docs/msg-throughput.md')).toMatch(new RegExp(`\`${name}(\\{|\`)`)),
  )

  test.each(Object.keys(dbExplainMetrics).filter((name) => !Object.hasOwn(generatorMetrics, name)))(
    'db-explain.md explains the metric %s',
    (name) => expect(textOf('docs/db-explain.md')).toMatch(new RegExp(`\`${name}(\\{|\`)`)),
  )

  test.each(
    (['practice', 'read'] as const).flatMap((level) => promisesOf({level, goal: 0.5, gates: [], checks: CHECKS})),
  )('db-explain.md has the default threshold %s', (threshold) =>
    expect(textOf('docs/db-explain.md')).toContain(`\`${threshold}\``),
  )

  test.each(CHECKS)('db-explain.md says what --check %s does', (name) =>
    expect(textOf('docs/db-explain.md')).toContain(`\n| \`${name}\` |`),
  )

  test.each(
    [...textOf('docs/db-explain.md').matchAll(/^\| `--([a-z-]+)` \| `([^`]+)` \|/gm)].map((row) => row.slice(1, 3)),
  )('db-explain.md gives --%s its default, %s', (flag = '', usual) =>
    expect(manifest.commands['db-explain']?.flags[flag]?.default).toBe(usual),
  )

  test.each(
    [...textOf('docs/msg-throughput.md').matchAll(/^\| `--([a-z-]+)` \| `([^`]+)` \|/gm)].map((row) => row.slice(1, 3)),
  )('msg-throughput.md gives --%s its default, %s', (flag = '', usual) =>
    expect(manifest.commands['msg-throughput']?.flags[flag]?.default).toBe(usual),
  )

  test.each(
    [...textOf('docs/ws-flood.md').matchAll(/^\| `--([a-z-]+)` \| `([^`]+)` \|/gm)].map((row) => row.slice(1, 3)),
  )('ws-flood.md gives --%s its default, %s', (flag = '', usual) =>
    expect(manifest.commands['ws-flood']?.flags[flag]?.default).toBe(usual),
  )
})

describe('links', () => {
  test.each(ALL_DOCUMENTS.flatMap((file) => linksIn(file).map((link) => ({file, ...link}))))(
    '$file: $path exists, $anchor too',
    ({path, anchor}) => {
      expect(existsSync(join(ROOT, path))).toBe(true)
      if (anchor !== undefined) expect(anchorsIn(path)).toContain(anchor)
    },
  )
})

function flagsOf(words: readonly string[]): Readonly<Record<string, unknown>> {
  const [first = '', second = ''] = words
  const command = manifest.commands[`${first}:${second}`] ?? manifest.commands[first]
  return {...command?.flags, help: true, version: true}
}
