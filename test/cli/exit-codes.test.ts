import {afterEach, expect, test, vi} from 'vitest'
import {TargetError} from '../../src/lib/base/errors.js'
import {reportSchema} from '../../src/lib/report/schema.js'
import {type Drive, runFake, TARGET} from './fake-drill.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const unreachable: Drive = () => Promise.reject(new TargetError('no answer', {hint: 'start it'}))
const stopping: Drive = (kit) => {
  kit.orders.stop({condition: 'messages_lost > 100', observed: 101, unit: 'count', atMs: 1000})
  return kit.signal.aborted ? Promise.resolve() : Promise.reject(new Error('it was not stopped'))
}
const bug: Drive = () => Promise.reject(new TypeError('x is not a function'))

test.each<[name: string, exitCode: number, argv: readonly string[], drive?: Drive]>([
  ['every threshold held', 0, TARGET],
  ['a threshold was broken', 99, [...TARGET, '--lost', '3']],
  ['a broken warning', 0, [...TARGET, '--lost', '3', '-t', 'warn: messages_lost == 0']],
  ['nothing was tried', 98, [...TARGET, '--tried', '0']],
  ['nothing was tried, which shall pass', 0, [...TARGET, '--tried', '0', '--on-inconclusive', 'pass']],
  ['a broken threshold, though inconclusive shall pass', 99, [...TARGET, '--lost', '3', '--on-inconclusive', 'pass']],
  ['a flag that does not exist', 2, ['--user', '3']],
  ['a flag without its value', 2, ['--users']],
  ['a flag given twice', 2, ['--users', '1', '--users', '2']],
  ['an argument that nobody expects', 2, ['--users', '1', 'more']],
  ['an unknown unit', 2, ['--duration', '3x']],
  ['zero', 2, ['--users', '0']],
  ['a negative count', 2, ['--users=-1']],
  ['a file that is not there', 2, [...TARGET, '--ca', '/nowhere/ca.pem']],
  ['a certificate without its key', 2, [...TARGET, '--cert', 'cert.pem']],
  ['an unknown metric in a threshold', 2, [...TARGET, '-t', 'messages_lot == 0']],
  ['a phase that the plan does not have', 2, [...TARGET, '-t', 'messages_lost == 0 during stedy']],
  ['an http URL', 2, ['--target', 'http://127.0.0.1:9']],
  ['a host that is not allowed', 2, ['--target', 'ws://10.1.2.3:9']],
  ['a defect for a system that is not ours', 2, [...TARGET, '--defect', 'lose-deliveries']],
  ['more than this machine can open', 2, [...TARGET, '--users', '1g']],
  ['an output in a folder that is not there', 2, [...TARGET, '--out', 'json=/nowhere/report.json']],
  ['an unknown kind of output', 2, [...TARGET, '--out', 'jsn=report.json']],
  ['a fault that does not exist', 2, [...TARGET, '--fault', 'redis.disconect at 1s for 1s']],
  ['a fault without its time', 2, [...TARGET, '--fault', 'redis.disconnect']],
  ['a fault after the end', 2, ['--fault', 'redis.disconnect at 19s for 2s', '--duration', '20s']],
  ['a fault on a service that the profile lacks', 2, [...TARGET, '--fault', 'redis.disconnect at 1s for 1s']],
  ['a fault on a node that the profile lacks', 2, [...TARGET, '--fault', 'node.kill(node=a) at 1s']],
  ['a fault on a proxy that the profile lacks', 2, [...TARGET, '--fault', 'net.down(proxy=redis) at 1s for 1s']],
  [
    'a fault that only we can put right, and nobody allowed',
    2,
    ['--fault', 'redis.max-clients at 1s for 1s', '--duration', '20s'],
  ],
  [
    'our own addresses through our own proxy',
    2,
    [...TARGET, '--fault', 'net.down(proxy=target) at 1s for 1s', '--source-address', '127.0.0.1'],
  ],
  ['a condition on an unknown metric', 2, [...TARGET, '--stop-when', 'messages_lot > 0']],
  ['a condition that warns', 2, [...TARGET, '--stop-when', 'warn: messages_lost > 0']],
  ['a condition that came true', 99, [...TARGET, '--stop-when', 'messages_lost > 100'], stopping],
  ['a target that does not answer', 69, TARGET, unreachable],
  ['a bug of ours', 1, TARGET, bug],
])('%s: exit code %i, with and without --json', async (_name, exitCode, argv, drive) => {
  const plain = await runFake(argv, drive)
  const json = await runFake([...argv, '--json'], drive)
  const byEnvironment = await withJsonByEnvironment(argv, drive)
  expect([plain.exitCode, json.exitCode, byEnvironment.exitCode]).toEqual([exitCode, exitCode, exitCode])
  const answer = JSON.parse(json.stdout) as {exitCode: number; error?: object}
  expect(answer.exitCode).toBe(exitCode)
  expect(JSON.parse(byEnvironment.stdout)).toHaveProperty('exitCode', exitCode)
  if (answer.error === undefined) {
    expect(reportSchema.safeParse(answer).error).toBeUndefined()
    expect(plain.stdout).toContain('Threshold')
  } else {
    expect(Object.keys(answer.error)).toEqual(['code', 'message', 'hint'])
    expect(plain.stdout).toBe('')
    expect(plain.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(plain.stderr).toMatch(/^error: \S/)
  }
})

async function withJsonByEnvironment(argv: readonly string[], drive?: Drive) {
  vi.stubEnv('PROOFLOAD_JSON', 'true')
  const ran = await runFake(argv, drive)
  vi.unstubAllEnvs()
  return ran
}

test('a dry run prints the plan with the thresholds that would be judged, and touches nothing', async () => {
  const never: Drive = () => expect.unreachable()
  const ran = await runFake(
    ['--dry-run', '-t', 'p99(delivery_latency) < 50ms', '--seed', 'abc', '--out', 'json=/nowhere/r.json'],
    never,
  )
  expect(ran).toMatchObject({exitCode: 0, stderr: ''})
  expect(JSON.parse(ran.stdout)).toMatchObject({
    drill: 'fake',
    seed: 'abc',
    thresholds: ['messages_lost == 0', 'p99(delivery_latency) < 50ms'],
  })
})

test('a bug shows its stack only when DEBUG asks for it', async () => {
  const quiet = await runFake(TARGET, bug)
  expect(quiet.stderr).toBe(
    'error: x is not a function (this is a bug of proofload: run it again with DEBUG=1 and report what it prints)\n',
  )
  vi.stubEnv('DEBUG', '1')
  const loud = await runFake([...TARGET, '--json'], bug)
  expect(loud.stderr).toMatch(/^\s+at /m)
  expect(JSON.parse(loud.stdout)).toMatchObject({error: {code: 'bug'}, exitCode: 1})
})

test('no secret that was typed comes out again', async () => {
  const secret = [
    '--target',
    'ws://user:hunter2@127.0.0.1:9/?token=hunter2',
    '--header',
    'Authorization: Bearer hunter2hunter2',
  ]
  for (const more of [[], ['--json'], ['--dry-run'], ['--lost', '1']]) {
    const ran = await runFake([...secret, ...more])
    expect(ran.stdout + ran.stderr).not.toContain('hunter2')
  }
})
