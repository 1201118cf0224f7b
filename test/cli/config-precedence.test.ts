import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {runFake, TARGET} from './fake-drill.js'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proofload-config-'))
  file = join(folder, 'flags.yaml')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, {recursive: true})
})

/** The flags as the drill's plan saw them. */
async function planned(argv: readonly string[] = []) {
  const ran = await runFake(['--dry-run', '--config', file, ...argv])
  expect(ran.stderr).toBe('')
  return JSON.parse(ran.stdout) as {
    seed: string
    targets: string[]
    own: Record<string, unknown>
    thresholds: string[]
    headers: object
  }
}

async function refusal(text: string): Promise<string> {
  await writeFile(file, text)
  const ran = await runFake(['--dry-run', '--config', file])
  expect(ran).toMatchObject({exitCode: 2, stdout: ''})
  return ran.stderr.replace(`${folder}/`, '')
}

describe('a flag comes from', () => {
  test('its default, when nobody says anything', async () => {
    await writeFile(file, 'quiet: true\n')
    expect((await planned()).own).toMatchObject({users: 10, duration: 20_000, tag: []})
  })

  test('the file, above the default; from the section of the drill, above the top', async () => {
    await writeFile(file, 'seed: top\nfake:\n  users: 2k\n  seed: section\n  tag: [a, b]\n')
    expect(await planned()).toMatchObject({seed: 'section', own: {users: 2000, tag: ['a', 'b']}})
  })

  test('the environment, above the file', async () => {
    await writeFile(file, 'seed: top\nfake:\n  users: 2k\n  tag: [a, b]\n')
    vi.stubEnv('PROOFLOAD_USERS', '3k')
    vi.stubEnv('PROOFLOAD_TAG', 'one\ntwo\n')
    vi.stubEnv('PROOFLOAD_SEED', '')
    expect(await planned()).toMatchObject({seed: 'top', own: {users: 3000, tag: ['one', 'two']}})
  })

  test('the command line, above all', async () => {
    await writeFile(file, 'fake:\n  users: 2k\n  tag: [a, b]\n')
    vi.stubEnv('PROOFLOAD_USERS', '3k')
    expect((await planned(['--users', '4k', '--tag', 'x'])).own).toMatchObject({users: 4000, tag: ['x']})
  })

  test('a file that the environment names', async () => {
    await writeFile(file, 'seed: named\n')
    vi.stubEnv('PROOFLOAD_CONFIG', file)
    const ran = await runFake(['--dry-run'])
    expect(JSON.parse(ran.stdout)).toMatchObject({seed: 'named'})
  })
})

test('common flags work in the file as they do when typed', async () => {
  await writeFile(
    file,
    "target: ws://127.0.0.1:9\nheader: ['X-Team: chat']\nthreshold:\n  - messages_lost <= 2\ndry-run: true\ninsecure: no\n",
  )
  expect(await planned()).toMatchObject({
    targets: ['ws://127.0.0.1:9'],
    headers: {'X-Team': 'chat'},
    thresholds: ['messages_lost <= 2'],
  })
})

test('sections of other drills are left to them', async () => {
  await writeFile(file, 'ws-flood:\n  connections: 5\nseed: mine\n')
  const ran = await runFake(['--dry-run', '--config', file])
  expect(ran.exitCode).toBe(0)
})

test.each([
  [
    'an unknown key',
    'seed: a\nthresold: x\n',
    "error: flags.yaml:2: thresold: unknown key, did you mean 'threshold'?\n",
  ],
  [
    'an unknown key in a section',
    'fake:\n  # how many\n  user: 3\n',
    "error: flags.yaml:3: fake.user: unknown key, did you mean 'users'?\n",
  ],
  [
    "a drill's own flag on top",
    'users: 3\n',
    "error: flags.yaml:1: users: unknown key here, it belongs in the section 'fake:'\n",
  ],
  [
    'a wrong value',
    'fake:\n  duration: 3x\n',
    'error: flags.yaml:2: fake.duration: expected a positive duration such as 30s',
  ],
  ['a list for one value', 'seed: [a, b]\n', 'error: flags.yaml:1: seed: expected one value, not a list\n'],
  ['nothing behind a key', 'seed:\n', 'error: flags.yaml:1: seed: expected a text or a number, found nothing\n'],
  [
    'a map where a text belongs',
    'header:\n  - Authorization: x\n',
    'error: flags.yaml:1: header: expected a text or a number; put it in quotes\n',
  ],
  ['a toggle that is neither', 'quiet: maybe\n', "error: flags.yaml:1: quiet: expected true or false, got 'maybe'\n"],
  [
    'a file that names another',
    'config: other.yaml\n',
    'error: flags.yaml:1: config: a config file cannot name another one\n',
  ],
  ['a list as the whole file', '- a\n', 'error: flags.yaml: the file: expected keys with values\n'],
])('%s is refused with its line', async (_case, text, message) => {
  expect(await refusal(text)).toContain(message)
})

test('a wrong value in the environment is refused by the name of the variable', async () => {
  vi.stubEnv('PROOFLOAD_USERS', 'many')
  const ran = await runFake([...TARGET, '--dry-run'])
  expect(ran.exitCode).toBe(2)
  expect(ran.stderr).toContain('error: PROOFLOAD_USERS: expected a positive whole number')
})

test('a config file that is not there is refused', async () => {
  const ran = await runFake(['--config', join(folder, 'none.yaml')])
  expect(ran).toMatchObject({exitCode: 2, stderr: `error: ${folder}/none.yaml: there is no such file\n`})
})
