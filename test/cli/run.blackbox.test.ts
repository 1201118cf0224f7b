import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {afterEach, describe, expect, test, vi} from 'vitest'
import {reportSchema} from '../../src/lib/report/schema.js'

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

async function proofload(...argv: string[]) {
  const {stdout, stderr, exitCode} = await execa(process.execPath, [BIN, ...argv], {reject: false, env: {DEBUG: ''}})
  return {stdout, stderr, exitCode}
}

test.each([
  ['an unknown command', 2, ['ws-floood'], "unknown command 'ws-floood', did you mean 'ws-flood'?"],
  ['a flag before any command', 2, ['--verbose'], 'unknown flag --verbose: a command comes first'],
  ['an unknown flag', 2, ['ws-flood', '--conections', '5'], 'unknown flag --conections, did you mean --connections?'],
  ['an argument that nobody expects', 2, ['ws-flood', 'more'], "unexpected argument 'more'"],
  [
    'an unknown unit',
    2,
    ['ws-flood', '--duration', '20q'],
    "--duration: expected a positive duration such as 30s, got '20q'",
  ],
  ['a profile that is not there', 2, ['ws-flood', '--profile', 'none.yaml'], 'none.yaml: there is no such file'],
  ['an http URL', 2, ['ws-flood', '--target', 'http://127.0.0.1:9'], 'write ws://127.0.0.1:9'],
  ['a host that is not allowed', 2, ['ws-flood', '--target', 'ws://10.1.2.3'], 'add --allow-host 10.1.2.3'],
  [
    'an unknown metric',
    2,
    ['ws-flood', '-t', 'messages_lot == 0'],
    "there is no metric 'messages_lot', did you mean 'messages_lost'?",
  ],
  [
    'a target that nobody serves',
    69,
    ['ws-flood', '--target', 'ws://127.0.0.1:9', '--connections', '10', '-q'],
    'cannot be used: ECONNREFUSED',
  ],
])('%s exits with %i, and says why on one line, with and without --json', async (_case, exitCode, argv, message) => {
  const [plain, json] = await Promise.all([proofload(...argv), proofload(...argv, '--json')])
  expect([plain.exitCode, json.exitCode]).toEqual([exitCode, exitCode])
  expect(plain.stdout).toBe('')
  expect(plain.stderr).toMatch(/^error: .*$/)
  expect(plain.stderr).toContain(message)
  expect(JSON.parse(json.stdout)).toMatchObject({
    error: {message: expect.stringContaining(message) as string},
    exitCode,
  })
})

test.each([
  ['ws-flood', '$ proofload ws-flood --connections 2000 --defect lose-deliveries'],
  ['practice', '$ proofload practice --nodes 3 --defect deaf-node=1'],
])('the help of %s shows examples', async (command, example) => {
  const help = await proofload(command, '--help')
  expect(help).toMatchObject({exitCode: 0, stderr: ''})
  expect(help.stdout).toContain(example)
})

test('a reader who leaves early is no error', async () => {
  const {exitCode, stderr} = await execa(
    'bash',
    ['-o', 'pipefail', '-c', `"${process.execPath}" "${BIN}" ws-flood --dry-run | head -n 1`],
    {
      reject: false,
    },
  )
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
})

test('a dry run prints the whole plan and starts nothing', async () => {
  const {stdout, exitCode} = await proofload('ws-flood', '--dry-run', '--connections', '1000')
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    drill: 'ws-flood',
    thresholds: expect.arrayContaining(['connections_established >= 1000']) as string[],
  })
})

const started: ChildProcess[] = []

/** What a failed test left running takes its own children with it. */
afterEach(() => {
  vi.unstubAllEnvs()
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Starts the tool and waits until `awaited` shows on the given stream. */
async function until(awaited: RegExp, stream: 'stdout' | 'stderr', argv: readonly string[]) {
  const child = spawn(process.execPath, [BIN, ...argv], {stdio: ['ignore', 'pipe', 'pipe']})
  started.push(child)
  const text = {stdout: '', stderr: ''}
  const closed = once(child, 'close')
  await new Promise<void>((resolve, reject) => {
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk
        if (awaited.test(text[stream])) resolve()
      })
    }
    void closed.then(() => reject(new Error(`it ended before: ${text.stderr}`)))
  })
  return {child, text, closed}
}

describe('Ctrl-C', () => {
  test(
    'ends a run early: its fault is reverted, it is judged, reported, and exits with 130',
    {timeout: 60_000},
    async () => {
      const state = await mkdtemp(join(tmpdir(), 'proofload-state-'))
      vi.stubEnv('PROOFLOAD_STATE', state)
      const flags = [
        '--connections',
        '20',
        '--connect-rate',
        '100/s',
        '--room-size',
        '5',
        '--duration',
        '10min',
        '--message-rate',
        '20/s',
        '--fault',
        'redis.pause-write at 0s for 9min',
        '--json',
      ]
      const {child, text, closed} = await until(/^fault/m, 'stderr', ['ws-flood', ...flags])
      child.kill('SIGINT')
      await closed
      expect(child.exitCode).toBe(130)
      const report = reportSchema.parse(JSON.parse(text.stdout))
      expect(report).toMatchObject({interruptedBy: 'SIGINT', exitCode: 130, drill: 'ws-flood'})
      expect(report.faults).toMatchObject([{outcome: 'reverted', recovery: {state: 'unseen'}}])
      await rm(state, {recursive: true})
      expect(text.stderr).toContain('SIGINT: stopping the load and judging what was measured')
    },
  )

  test('ends the practice target, whose profile alone was on stdout', {timeout: 60_000}, async () => {
    const {child, text, closed} = await until(/Ctrl-C ends it/, 'stderr', ['practice', '--nodes', '1'])
    child.kill('SIGINT')
    await closed
    expect(child.exitCode).toBe(0)
    expect(text.stdout).toMatch(/^# .*\nprotocol: practice\ntargets:\n {2}- ws:\/\/127\.0\.0\.1:\d+\n$/)
  })
})
