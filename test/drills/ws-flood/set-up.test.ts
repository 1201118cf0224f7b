/** Rooms and memberships are made before the load and removed after it, whatever becomes of the run. */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {strictChat, type StrictChat} from './strict-chat.js'

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

let chat: StrictChat
let folder: string

beforeEach(async () => {
  chat = await strictChat()
  folder = mkdtempSync(join(tmpdir(), 'proofload-set-up-'))
})
afterEach(async () => {
  await chat[Symbol.asyncDispose]()
  rmSync(folder, {recursive: true, force: true})
})

function profile(teardown = true): string {
  const file = join(folder, 'proofload.yaml')
  const text = `targets: [${chat.url}]
protocol: json
setup:
  - {each: run, method: PUT, url: '/runs/{{run}}'}
  - {each: room, method: PUT, url: '/rooms/{{room}}', rate: 500/s}
  - {each: user, method: PUT, url: '/rooms/{{room}}/members/{{user}}', rate: 500/s, body: {name: '{{user}}'}}
`
  const removal = `teardown:
  - {each: user, method: DELETE, url: '/rooms/{{room}}/members/{{user}}', rate: 500/s}
  - {each: room, method: DELETE, url: '/rooms/{{room}}', rate: 500/s, expect: [204]}
  - {each: run, method: DELETE, url: '/runs/{{run}}'}
`
  writeFileSync(file, teardown ? text + removal : text)
  return file
}

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** 60 users in 10 rooms; `told` is called with all of stderr so far, and with the process. */
async function flood(
  told: (stderr: string, kill: () => void) => void = () => undefined,
  duration = '1500ms',
): Promise<Ran> {
  const argv = [
    'ws-flood',
    '--profile',
    profile(),
    '--connections',
    '60',
    '--room-size',
    '6',
    '--workers',
    '2',
    '--json',
  ]
  const load = ['--connect-rate', '300/s', '--message-rate', '100/s', '--duration', duration]
  const unhurried = ['-t', 'p99(delivery_latency) < 20s', '--on-inconclusive', 'pass']
  const child = spawn(process.execPath, [BIN, ...argv, ...load, ...unhurried], {stdio: ['ignore', 'pipe', 'pipe']})
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    told(stderr, () => child.kill('SIGINT'))
  })
  await once(child, 'close')
  return {code: child.exitCode, stdout, stderr}
}

const everythingRemoved = (): void => {
  const {done} = chat
  expect(done['DELETE member']).toBe(done['PUT member'])
  expect(done['DELETE room']).toBe(done['PUT room'])
  expect(done['DELETE run']).toBe(done['PUT run'])
  expect(chat.rooms()).toBe(0)
}

test('a server that knows only its members is flooded, and is as empty afterwards as before', async () => {
  const {code, stdout, stderr} = await flood()
  expect({code, stderr}).toMatchObject({code: 0})
  expect(chat.done).toMatchObject({'PUT run': 1, 'PUT room': 10, 'PUT member': 60})
  everythingRemoved()
  expect(chat.refusedJoins()).toBe(0)
  const report = JSON.parse(stdout) as {facts: unknown; metrics: unknown; phases: {name: string}[]}
  expect(report.facts).toMatchObject({setUpRequests: 71, teardown: {removed: 71, failed: 0, left: 0}})
  expect(report.phases.map(({name}) => name)).toEqual(['set-up', 'ramp', 'steady', 'drain'])
})

test('Ctrl-C while users talk: what was made is removed all the same', {timeout: 60_000}, async () => {
  let asked = false
  const {code} = await flood((stderr, kill) => {
    if (!asked && /^steady/m.test(stderr)) kill()
    asked ||= /^steady/m.test(stderr)
  }, '10min')
  expect(code).toBe(130)
  expect(chat.done['PUT member']).toBe(60)
  everythingRemoved()
})

test('Ctrl-C during the set-up: what was made by then is removed', {timeout: 60_000}, async () => {
  let kill: () => void = () => undefined
  chat.meddle = (request, count) => {
    if (request === 'PUT member' && count === 5) kill()
    return undefined
  }
  const {code, stdout} = await flood((_, end) => (kill = end))
  expect(code).toBe(130)
  expect(JSON.parse(stdout)).toMatchObject({error: {message: 'ended by SIGINT before anything was measured'}})
  expect(chat.done['PUT member']).toBeGreaterThan(0)
  everythingRemoved()
})

test('a request that is refused ends it before the load, names itself, and what was made is removed', async () => {
  chat.meddle = (request, count) =>
    request === 'PUT room' && count === 4 ? {status: 403, text: 'no more rooms for token=abcdef123'} : undefined
  const {code, stdout} = await flood()
  expect(code).toBe(69)
  const {error} = JSON.parse(stdout) as {error: {message: string}}
  expect(error.message).toMatch(
    /^PUT http:\/\/127\.0\.0\.1:\d+\/rooms\/\{\{room\}\} answered 403: no more rooms for token=\*\*\*$/,
  )
  everythingRemoved()
})

test('a teardown that fails is told, and does not change the verdict', async () => {
  chat.meddle = (request) => (request === 'DELETE run' ? {status: 500, text: 'out of order'} : undefined)
  const {code, stdout} = await flood()
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    facts: {
      teardown: {
        removed: 70,
        failed: 1,
        left: 0,
        firstFailure: expect.stringContaining('answered 500: out of order') as string,
      },
    },
  })
})
