import {afterAll, afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import {startPractice, type PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import {TestUser} from './test-user.js'

const MESSAGES = 200
const everyBody = Array.from({length: MESSAGES}, (_, id) => `body ${id}`)

let practice: PracticeTarget
let users: TestUser[] = []
let rooms = 0

beforeAll(async () => {
  practice = await startPractice({nodes: 2})
}, 60_000)

afterEach(async () => {
  for (const user of users) user.close()
  users = []
  await practice.setDefects([])
})

afterAll(() => practice[Symbol.asyncDispose]())

/** A room that no other test uses. */
function newRoom(): string {
  return `room-${++rooms}`
}

async function userOn(node: number, room: string): Promise<TestUser> {
  const user = await TestUser.connect(practice.target.urls[node] ?? '', `user-${users.length}`)
  users.push(user)
  await user.join(room)
  return user
}

/** Publishes all messages under the defects, mends the target, and returns once everything has come that will. */
async function speakUnder(defects: readonly string[], room: string, sender: TestUser): Promise<void> {
  await practice.setDefects(defects.map(parseDefect), 'seed')
  for (let id = 0; id < MESSAGES; id++) sender.publish(room, id)
  await sender.next((frame) => frame.type === 'ack' && frame.id === MESSAGES - 1)
  await practice.setDefects([])
  sender.publish(room, MESSAGES, 'end')
  const members = users.filter((user) => user.frames.some((frame) => frame.type === 'joined' && frame.room === room))
  await Promise.all(members.map((user) => user.next((frame) => frame.body === 'end' && frame.room === room)))
  // A message may come back before its own ack does.
  await vi.waitFor(() => expect(acksOf(sender)).toHaveLength(MESSAGES + 1), {timeout: 10_000})
}

function acksOf({frames}: TestUser) {
  return frames.filter((frame) => frame.type === 'ack')
}

function heard(user: TestUser, room: string): string[] {
  return user.bodies(room).filter((body) => body !== 'end')
}

describe('the practice target without defects', () => {
  it('brings every message once and in order to members on both nodes, the sender too', async () => {
    const room = newRoom()
    const [sender, near, far] = [await userOn(0, room), await userOn(0, room), await userOn(1, room)]
    await speakUnder([], room, sender)
    for (const user of [sender, near, far]) expect(heard(user, room)).toEqual(everyBody)
  })

  it('keeps the history that the messages and acks name, the same on both nodes', async () => {
    const room = newRoom()
    const sender = await userOn(0, room)
    await speakUnder([], room, sender)
    const acked = acksOf(sender).map((frame) => frame.message)
    for (const url of practice.target.urls) {
      const response = await fetch(`${url.replace('ws:', 'http:')}/rooms/${room}/messages?limit=10000`)
      const {messages} = (await response.json()) as {messages: {id: number; body: string; from: string; at: string}[]}
      expect(messages.map((message) => message.body)).toEqual([...everyBody, 'end'])
      expect(messages.map((message) => message.id)).toEqual(acked)
      expect(Math.abs(Date.parse(messages[0]?.at ?? '') - Date.now())).toBeLessThan(3_600_000)
    }
  })

  it('is healthy, and counts what it does', async () => {
    await userOn(0, newRoom())
    const http = practice.target.urls[0]?.replace('ws:', 'http:') ?? ''
    expect(await (await fetch(`${http}/health`)).json()).toEqual({status: 'ok', redis: 'ok', postgres: 'ok'})
    const text = await (await fetch(`${http}/metrics`)).text()
    expect(text).toMatch(/^# TYPE practice_connections gauge\npractice_connections 1$/m)
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+ [\d.e+-]+)$/)
  })

  it('says who it is, without secrets', () => {
    expect(practice.target.kind).toBe('practice')
    expect(practice.target.urls).toHaveLength(2)
    expect(practice.target.profile.protocol.name).toBe('practice')
    const password = new URL(practice.postgresUrl).password
    // A profile may hold secrets, and is never printed.
    const {profile: _, ...target} = practice.target
    expect(JSON.stringify([target, practice.services, practice.nodes])).not.toContain(password)
  })
})

describe('a defect on the wire', () => {
  it('lose-deliveries: some messages do not come to a receiver, and are acked all the same', async () => {
    const room = newRoom()
    const [sender, far] = [await userOn(0, room), await userOn(1, room)]
    await speakUnder(['lose-deliveries=20%'], room, sender)
    expect(heard(far, room).length).toBeLessThan(MESSAGES)
    expect(heard(far, room).length).toBeGreaterThan(MESSAGES / 2)
    expect(acksOf(sender)).toHaveLength(MESSAGES + 1)
  })

  it('duplicate-deliveries: some messages come twice, none is missing', async () => {
    const room = newRoom()
    const [sender, far] = [await userOn(0, room), await userOn(1, room)]
    await speakUnder(['duplicate-deliveries=20%'], room, sender)
    expect(heard(far, room).length).toBeGreaterThan(MESSAGES)
    expect([...new Set(heard(far, room))]).toEqual(everyBody)
  })

  it('reorder-deliveries: some messages come after their successor, each comes once', async () => {
    const room = newRoom()
    const [sender, far] = [await userOn(0, room), await userOn(1, room)]
    await speakUnder(['reorder-deliveries=20%'], room, sender)
    expect(heard(far, room)).not.toEqual(everyBody)
    expect([...heard(far, room)].sort()).toEqual([...everyBody].sort())
  })

  it('wrong-room: some messages come to a member of another room too', async () => {
    const [room, other] = [newRoom(), newRoom()]
    const [sender, stranger] = [await userOn(0, room), await userOn(0, other)]
    await speakUnder(['wrong-room=20%'], room, sender)
    expect(heard(sender, room)).toEqual(everyBody)
    expect(stranger.bodies(room).length).toBeGreaterThan(0)
    expect(stranger.bodies(room).length).toBeLessThan(MESSAGES)
  })

  it('stall-output: everything comes in order, frames of the stall together at its end', async () => {
    const room = newRoom()
    const [sender, far] = [await userOn(0, room), await userOn(1, room)]
    await speakUnder(['stall-output=100ms/150ms'], room, sender)
    for (const user of [sender, far]) expect(heard(user, room)).toEqual(everyBody)
  })

  it('refuse-handshakes: some handshakes get 503', async () => {
    await practice.setDefects([parseDefect('refuse-handshakes=50%')], 'seed')
    const url = practice.target.urls[0] ?? ''
    const tries = await Promise.allSettled(Array.from({length: 40}, (_, n) => TestUser.connect(url, `user-${n}`)))
    const refused = tries.filter((outcome) => outcome.status === 'rejected')
    for (const outcome of tries) if (outcome.status === 'fulfilled') users.push(outcome.value)
    expect(users.length).toBeGreaterThan(0)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.every((outcome) => String(outcome.reason).includes('503'))).toBe(true)
  })

  it('deaf-node: who joined on it hears nothing, and hears again when it is mended', async () => {
    const room = newRoom()
    await practice.setDefects([parseDefect('deaf-node=1')])
    const [sender, deaf] = [await userOn(0, room), await userOn(1, room)]
    await speakUnder(['deaf-node=1'], room, sender)
    expect(heard(sender, room)).toEqual(everyBody)
    expect(deaf.bodies(room)).toEqual(['end'])
  })

  it('close-connections: connections end with 1011', async () => {
    const user = await userOn(1, newRoom())
    await practice.setDefects([parseDefect('close-connections=100%/s')])
    expect(await user.closed).toBe(1011)
  })

  it('can be joined by others, and all are shown by the node', async () => {
    const defects = ['lose-deliveries=10%', 'stall-output=100ms/1s', 'deaf-node=1']
    await practice.setDefects(defects.map(parseDefect))
    const http = practice.target.urls[1]?.replace('ws:', 'http:') ?? ''
    expect(await (await fetch(`${http}/defects`)).json()).toEqual({
      defects: [
        {name: 'lose-deliveries', value: '10%'},
        {name: 'stall-output', value: '100ms/1000ms'},
        {name: 'deaf-node', value: '1'},
      ],
    })
  })
})
