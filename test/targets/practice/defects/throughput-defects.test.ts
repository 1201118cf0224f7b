/** Defects of store, partitions and delivery on a whole practice target: what its users and its databases see of them. */
import pg from 'pg'
import {afterAll, afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import {parseDefect} from '../../../../src/lib/targets/practice/defects/parse-defect.js'
import {startPractice, type PracticeTarget} from '../../../../src/lib/targets/practice/practice.js'
import {TestUser} from '../test-user.js'

const WAIT = {timeout: 15_000, interval: 20}
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

async function userOn(node: number, room: string): Promise<TestUser> {
  const user = await TestUser.connect(practice.target.urls[node] ?? '', `user-${users.length}`)
  users.push(user)
  await user.join(room)
  return user
}

/** A sender on one node and a receiver on the other, in a room of their own. */
async function pair(): Promise<{room: string; sender: TestUser; receiver: TestUser}> {
  const room = `defective-${++rooms}`
  return {room, sender: await userOn(0, room), receiver: await userOn(1, room)}
}

function countOf({frames}: TestUser, kind: string): number {
  return frames.filter(({type}) => type === kind).length
}

/** Messages of each shard in rooms whose names begin so. */
async function storedIn(rooms: string): Promise<number[]> {
  return Promise.all(
    practice.stores.map(async (url) => {
      const client = new pg.Client(url)
      await client.connect()
      const sql = 'select count(*)::int as count from messages where starts_with(room, $1)'
      const {rows} = await client.query<{count: number}>(sql, [rooms])
      await client.end()
      return rows[0]?.count ?? 0
    }),
  )
}

describe('without a defect', () => {
  it('rooms are shared by both shards, and all that is stored is archived in seconds', async () => {
    const node = practice.target.urls[0]?.replace('ws:', 'http:') ?? ''
    const posts = Array.from({length: 60}, (_, index) => {
      const body = JSON.stringify({from: 'ann', body: `body ${index}`})
      return fetch(`${node}/rooms/spread-${index}/messages`, {method: 'POST', body})
    })
    expect((await Promise.all(posts)).map(({status}) => status)).toEqual(Array.from({length: 60}, () => 200))
    for (const count of await storedIn('spread-')) expect(count).toBeGreaterThan(15)
    await vi.waitFor(async () => {
      const archived = await Promise.all(
        posts.map(async (_, index) => {
          const response = await fetch(`${node}/archive?room=spread-${index}`)
          return ((await response.json()) as {messages: {body: string}[]}).messages.map(({body}) => body)
        }),
      )
      expect(archived).toEqual(posts.map((_, index) => [`body ${index}`]))
    }, WAIT)
  })
})

describe('with a defect', () => {
  it('hot-shard: most rooms are in the first shard', async () => {
    await practice.setDefects([parseDefect('hot-shard=100%')])
    for (let index = 0; index < 10; index++) {
      const url = practice.target.urls[index % 2]?.replace('ws:', 'http:') ?? ''
      await fetch(`${url}/rooms/hot-${index}/messages?user=ann`, {method: 'POST', body: '{"body":"x"}'})
    }
    expect(await storedIn('hot-')).toEqual([10, 0])
  })

  it('duplicate-on-retry: some messages come twice, and are stored twice', async () => {
    const {room, sender, receiver} = await pair()
    await practice.setDefects([parseDefect('duplicate-on-retry=20%')])
    for (let id = 0; id < 200; id++) sender.publish(room, id)
    await vi.waitFor(() => expect(countOf(receiver, 'message')).toBeGreaterThan(215), WAIT)
    expect(new Set(receiver.bodies(room)).size).toBe(200)
    expect(countOf(sender, 'ack')).toBe(200)
    expect(Math.max(...(await storedIn(room)))).toBe(countOf(receiver, 'message'))
  })

  it('lose-under-load: some messages are acked and in the history, and come to nobody', async () => {
    const {room, sender, receiver} = await pair()
    await practice.setDefects([parseDefect('lose-under-load=20%')])
    let id = 0
    const speaking = setInterval(() => {
      for (let many = 0; many < 10; many++) sender.publish(room, id++)
    }, 10)
    await vi.waitFor(() => expect(id).toBeGreaterThan(600), WAIT)
    clearInterval(speaking)
    await vi.waitFor(() => expect(countOf(sender, 'ack')).toBe(id), WAIT)
    await practice.setDefects([])
    sender.publish(room, id, 'end')
    await receiver.next(({body}) => body === 'end')
    expect(countOf(receiver, 'message')).toBeLessThan(id)
    expect(Math.max(...(await storedIn(room)))).toBe(id + 1)
  })

  it('growing-backlog: messages are acked long before they come, and all of them come', async () => {
    const {room, sender, receiver} = await pair()
    await practice.setDefects([parseDefect('growing-backlog=200/s')])
    for (let id = 0; id < 300; id++) sender.publish(room, id)
    await vi.waitFor(() => expect(countOf(sender, 'ack')).toBe(300), WAIT)
    expect(countOf(receiver, 'message')).toBeLessThan(250)
    await practice.setDefects([])
    await vi.waitFor(
      () => expect(receiver.bodies(room)).toEqual(Array.from({length: 300}, (_, id) => `body ${id}`)),
      WAIT,
    )
  })

  it('missing-partition: after its time messages are refused, and taken again when it ends', async () => {
    const {room, sender} = await pair()
    await practice.setDefects([parseDefect('missing-partition=1s')])
    let id = 0
    await vi.waitFor(() => {
      sender.publish(room, id++)
      const refusal = sender.frames.find(({type}) => type === 'refused')
      expect(refusal?.reason).toBe('not stored: no partition of relation "messages" found for row')
    }, WAIT)
    await practice.setDefects([])
    sender.publish(room, id, 'again')
    await sender.next(({body}) => body === 'again')
  })

  it('ack-before-store: what was acked is gone when its node is killed', async () => {
    const {room, sender} = await pair()
    await practice.setDefects([parseDefect('ack-before-store=5s')])
    for (let id = 0; id < 50; id++) sender.publish(room, id)
    await vi.waitFor(() => expect(countOf(sender, 'ack')).toBe(50), WAIT)
    process.kill(practice.nodes[0]?.pid ?? 0, 'SIGKILL')
    await sender.closed
    expect(await storedIn(room)).toEqual([0, 0])
    await vi.waitFor(() => TestUser.connect(practice.target.urls[0] ?? '', 'ann').then((user) => user.close()), WAIT)
  })
})
