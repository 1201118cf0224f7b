/** Two users on two nodes who talk without a break, and what each of them heard of what was acked. */
import {expect, vi} from 'vitest'
import {TestUser} from './test-user.js'

const EVERY_MS = 4
const WAIT = {timeout: 20_000, interval: 20}

export class Conversation {
  readonly #users: TestUser[] = []
  readonly #published = new Map<TestUser, number>()
  #talking: NodeJS.Timeout | undefined

  private constructor(readonly room: string) {}

  /** Joins a room with one user on each node and begins to talk. */
  static async begin(urls: readonly string[], room: string): Promise<Conversation> {
    const conversation = new Conversation(room)
    for (const [index, url] of urls.entries()) {
      const user = await TestUser.connect(url, `user-${index}`)
      await user.join(room)
      conversation.#users.push(user)
      conversation.#published.set(user, 0)
    }
    conversation.#talking = setInterval(() => conversation.#talk(), EVERY_MS)
    return conversation
  }

  get users(): readonly TestUser[] {
    return this.#users
  }

  /** Resolves when every user got an ack for a message that is published from now on, and heard one from every user. */
  async flows(): Promise<void> {
    const now = this.#users.map((user) => this.#published.get(user) ?? 0)
    await vi.waitFor(() => {
      for (const [index, user] of this.#users.entries()) {
        expect(idsOf(user, 'ack').at(-1)).toBeGreaterThan(now[index] ?? 0)
        for (const [sender, than] of now.entries()) expect(numbersHeard(user, sender).at(-1)).toBeGreaterThan(than)
      }
    }, WAIT)
  }

  /** Everybody falls silent; resolves when all that was said last came everywhere. */
  async end(): Promise<void> {
    clearInterval(this.#talking)
    this.say('end')
    await vi.waitFor(() => {
      for (const user of this.#users) {
        const ends = user.frames.filter(({type, body}) => type === 'message' && body === 'end')
        expect(ends).toHaveLength(this.#users.length)
      }
    }, WAIT)
  }

  /** Everybody falls silent; resolves when all that was said has been answered. */
  async silence(): Promise<void> {
    clearInterval(this.#talking)
    await vi.waitFor(() => {
      for (const user of this.#users) expect(idsOf(user, 'ack').at(-1)).toBe(this.#published.get(user))
    }, WAIT)
  }

  /** Each user says one thing. */
  say(body: string): void {
    for (const user of this.#users) this.#publish(user, body)
  }

  close(): void {
    clearInterval(this.#talking)
    for (const user of this.#users) user.close()
  }

  /** How many messages of all were answered by such a frame. */
  answered(type: 'ack' | 'refused'): number {
    return this.#users.reduce((sum, user) => sum + idsOf(user, type).length, 0)
  }

  /** Of what was acked, what each user did not hear of each sender; and all that came twice, or after a later one. */
  faults(): {lost: string[]; twice: string[]; late: string[]} {
    const faults = {lost: [] as string[], twice: [] as string[], late: [] as string[]}
    for (const [to, receiver] of this.#users.entries()) {
      for (const [from, sender] of this.#users.entries()) {
        const numbers = numbersHeard(receiver, from)
        const known = new Set(numbers)
        const name = (number: number): string => `${from}→${to} ${number}`
        const [acked, end] = [idsOf(sender, 'ack'), this.#published.get(sender)]
        faults.lost.push(...acked.filter((id) => id !== end && !known.has(id)).map(name))
        faults.twice.push(...numbers.filter((number, place) => numbers.indexOf(number) !== place).map(name))
        faults.late.push(...numbers.filter((number, place) => number < (numbers[place - 1] ?? 0)).map(name))
      }
    }
    return faults
  }

  #talk(): void {
    for (const user of this.#users) this.#publish(user)
  }

  #publish(user: TestUser, body?: string): void {
    const id = (this.#published.get(user) ?? 0) + 1
    this.#published.set(user, id)
    user.publish(this.room, id, body ?? `number ${id}`)
  }
}

/** Of the messages of one sender, in the order in which they came. */
function numbersHeard(user: TestUser, sender: number): number[] {
  const heard = user.frames.filter(({type, from}) => type === 'message' && from === `user-${sender}`)
  return heard.map(({body}) => Number(body?.split(' ')[1])).filter((number) => !Number.isNaN(number))
}

function idsOf(user: TestUser, type: 'ack' | 'refused'): number[] {
  return user.frames.filter((frame) => frame.type === type).map(({id}) => id ?? NaN)
}
