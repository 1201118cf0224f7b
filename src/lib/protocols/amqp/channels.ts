/** Some channels of one connection that share a long list of requests: each channel has one answer to wait for at a time. */
import type {Channel} from 'amqplib'
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import {within} from './connect.js'
import type {Line} from './line.js'

/** Declaring a quorum queue takes the server some milliseconds, of which most are spent waiting. */
const CHANNELS = 8

export interface Desk {
  readonly line: Line
  readonly clock: Clock
  /** Of a single request. */
  readonly timeoutMs: Ms
}

/** A request by a channel of its own, which an answer in the negative closes. */
export async function ask<Answer>(
  {line, clock, timeoutMs}: Desk,
  request: (channel: Channel) => Promise<Answer>,
): Promise<Answer> {
  const channel = await within(timeoutMs, clock, opened(line))
  try {
    return await within(timeoutMs, clock, request(channel))
  } finally {
    // It rejects when the server has closed the channel.
    await within(timeoutMs, clock, closed(channel)).catch(() => undefined)
  }
}

/** Resolves when all are done; rejects with the first error after what is under way has settled, and the rest is not begun. */
export async function askAll<Item>(
  desk: Desk,
  items: Iterable<Item>,
  request: (channel: Channel, item: Item) => Promise<unknown>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  const failures: unknown[] = []
  const work = async (channel: Channel): Promise<void> => {
    for (let next = queue.next(); next.done !== true && failures.length === 0; next = queue.next())
      await within(desk.timeoutMs, desk.clock, request(channel, next.value))
  }
  const hands = Array.from({length: CHANNELS}, async () => {
    const channel = await within(desk.timeoutMs, desk.clock, opened(desk.line))
    try {
      await work(channel)
    } finally {
      await within(desk.timeoutMs, desk.clock, closed(channel)).catch(() => undefined)
    }
  })
  for (const hand of hands) hand.catch((error: unknown) => failures.push(error))
  const [first] = (await Promise.allSettled(hands)).filter(({status}) => status === 'rejected')
  if (first?.status === 'rejected') throw first.reason
}

async function opened(line: Line): Promise<Channel> {
  const channel = await (await line.up()).createChannel()
  // The request that was refused rejects; without a listener the process would end.
  channel.on('error', () => undefined)
  return channel
}

async function closed(channel: Channel): Promise<void> {
  await channel.close()
}
