/** What every Redis server must do for several clients at once; each scene answers what was seen. */
import type {Redis} from 'ioredis'

/** Makes one more client of the server. */
export type Join = () => Redis

export interface Scene {
  readonly name: string
  see(join: Join): Promise<unknown>
}

/** Waits until the condition holds; the test's own limit ends the waiting. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

function fieldsOf(list: string): Record<string, string>[] {
  const lines = list.trim().split('\n')
  return lines.map((line) =>
    Object.fromEntries(line.split(' ').map((field) => field.split('=', 2) as [string, string])),
  )
}

async function clientNamed(asker: Redis, name: string): Promise<Record<string, string> | undefined> {
  return fieldsOf(String(await asker.client('LIST'))).find((fields) => fields['name'] === name)
}

function closed(client: Redis): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()))
}

export const SCENES: readonly Scene[] = [
  {
    name: 'messages reach channels and patterns, in order, with the right counts',
    see: async (join) => {
      const [subscriber, publisher] = [join(), join()]
      const seen: string[][] = []
      subscriber.on('message', (...args: string[]) => seen.push(args))
      subscriber.on('pmessage', (...args: string[]) => seen.push(args))
      const counts = [
        await subscriber.subscribe('news', 'sport'),
        await subscriber.psubscribe('n*s'),
        await publisher.publish('news', 'one'),
        await publisher.publish('sport', 'zwei – 2'),
        await publisher.publish('other', 'three'),
        await publisher.pubsub('NUMSUB', 'news', 'other'),
        await publisher.pubsub('NUMPAT'),
        (await publisher.pubsub('CHANNELS')).length,
      ]
      await until(() => seen.length === 3)
      const refused = await subscriber.call('GET', 'a').catch((error: unknown) => (error as Error).message.slice(0, 20))
      const left = [
        await subscriber.ping(),
        await subscriber.unsubscribe('news', 'sport'),
        await subscriber.punsubscribe('n*s'),
      ]
      return {seen, counts, refused, left, after: await subscriber.get('a')}
    },
  },
  {
    name: 'who waited longest is served first, and one push serves one',
    see: async (join) => {
      const [first, second, pusher] = [join(), join(), join()]
      const answers: unknown[] = []
      await first.client('SETNAME', 'first')
      await second.client('SETNAME', 'second')
      const waiting = [first.blpop('l', 'm', 0).then((answer) => answers.push(['first', answer]))]
      await until(async () => (await clientNamed(pusher, 'first'))?.['flags'] === 'b')
      waiting.push(second.blpop('l', 0).then((answer) => answers.push(['second', answer])))
      await until(async () => (await clientNamed(pusher, 'second'))?.['flags'] === 'b')
      await pusher.rpush('l', 'a')
      await until(() => answers.length === 1)
      await pusher.rpush('l', 'b', 'c')
      await Promise.all(waiting)
      return {answers, left: await pusher.lrange('l', 0, -1)}
    },
  },
  {
    name: 'a waiting move feeds another who waits',
    see: async (join) => {
      const [end, middle, pusher] = [join(), join(), join()]
      await end.client('SETNAME', 'end')
      await middle.client('SETNAME', 'middle')
      const popped = end.brpop('to', 0)
      const moved = middle.brpoplpush('from', 'to', 0)
      for (const name of ['end', 'middle']) {
        await until(async () => (await clientNamed(pusher, name))?.['flags'] === 'b')
      }
      await pusher.lpush('from', 'x')
      return {popped: await popped, moved: await moved, left: await pusher.exists('from', 'to')}
    },
  },
  {
    name: 'a write by another breaks the watch',
    see: async (join) => {
      const [watcher, writer] = [join(), join()]
      await watcher.watch('a')
      await writer.set('a', 'theirs')
      const broken = await watcher.multi().set('a', 'mine').exec()
      await watcher.watch('a', 'b')
      await writer.set('c', 'else')
      const held = await watcher.multi().set('a', 'mine').get('a').exec()
      await watcher.watch('a')
      await writer.flushall()
      const flushed = await watcher.multi().get('a').exec()
      return {broken, held, flushed}
    },
  },
  {
    name: 'clients are listed and killed by id, address and type',
    see: async (join) => {
      const [killer, normal, other, subscriber] = [join(), join(), join(), join()]
      await normal.client('SETNAME', 'normal')
      await other.client('SETNAME', 'other')
      await subscriber.client('SETNAME', 'subscriber')
      await subscriber.subscribe('x')
      await until(async () => fieldsOf(String(await killer.client('LIST'))).length === 4)
      const listed = await clientNamed(killer, 'subscriber')
      const gone = [closed(normal), closed(other), closed(subscriber)]
      const counts = [
        await killer.client('KILL', 'ID', (await clientNamed(killer, 'normal'))?.['id'] ?? ''),
        await killer.client('KILL', 'ADDR', (await clientNamed(killer, 'other'))?.['addr'] ?? ''),
        await killer.client('KILL', 'TYPE', 'pubsub'),
        await killer.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
      ]
      await Promise.all(gone)
      const {sub, psub, flags} = listed ?? {}
      return {counts, sub, psub, flags, alive: await killer.ping()}
    },
  },
  {
    name: 'a paused server holds writes, or everything, and lets go',
    see: async (join) => {
      const [pauser, worker] = [join(), join()]
      const seen: string[] = []
      await pauser.client('PAUSE', 60_000, 'WRITE')
      const write = worker.set('a', '1').then(() => seen.push('written'))
      await pauser.get('a').then(() => seen.push('read'))
      await pauser.client('UNPAUSE')
      await write
      await pauser.client('PAUSE', 100, 'ALL')
      const reads = [worker.get('a'), pauser.ping()]
      return {seen, reads: await Promise.all(reads)}
    },
  },
  {
    name: 'a pipeline of a thousand commands is answered in order',
    see: async (join) => {
      const client = join()
      const pipeline = client.pipeline()
      for (let n = 0; n < 500; n++) pipeline.incr('n').set(`k${n}`, 'x'.repeat(n))
      const replies = (await pipeline.exec()) ?? []
      return {replies, size: await client.dbsize(), long: (await client.get('k499'))?.length}
    },
  },
  {
    name: 'a megabyte goes in and out',
    see: async (join) => {
      const client = join()
      const value = 'é'.repeat(500_000)
      await client.set('a', value)
      return {same: (await client.get('a')) === value, length: await client.strlen('a')}
    },
  },
]
