/** msg-throughput as it is typed: what makes no sense, and what does not answer, is told before any load. */
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {expect, test} from 'vitest'

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

async function typed(line: string) {
  const {exitCode, stdout, stderr} = await execa(process.execPath, [BIN, 'msg-throughput', ...line.split(' ')], {
    reject: false,
    stdin: 'ignore',
    timeout: 60_000,
  })
  return {exitCode, stdout, stderr}
}

test.concurrent.each([
  ['--transport kafka', 2, /unknown value 'kafka'/],
  ['--transport redis-stream --target amqp://127.0.0.1', 2, /is not a Redis URL.*redis:\/\//],
  ['--transport amqp --target redis://127.0.0.1', 2, /is not an AMQP URL/],
  ['--transport postgres --target ws://127.0.0.1', 2, /is not a Postgres URL/],
  ['--target redis://127.0.0.1', 2, /redis:\/\/.*ws:\/\//],
  ['--transport amqp', 2, /needs a broker of yours.*amqp:\/\//s],
  ['--transport postgres --partitions 0', 2, /--partitions/],
  ['--partitions 2', 2, /use it with --transport postgres/],
  ['--payload 10B', 2, /29 characters/],
  ['--payload-file nowhere.txt', 2, /--payload-file nowhere\.txt/],
  ['--exchange mine', 2, /--transport amqp/],
  ['--transport amqp --target amqp://127.0.0.1 --routing-key x', 2, /add the exchange/],
  ['--transport postgres --fanout 2', 2, /a row is stored once/],
  ['--transport redis-pubsub --target redis://127.0.0.1 --protocol json', 2, /--protocol is of chats/],
  ['--find-max --archive-check x', 2, /exclude each other/],
  ['--watch nobody', 2, /nothing that can be watched/],
  ['-t messages_lots==0', 2, /messages_lost/],
  ['--transport postgres --target postgres://127.0.0.1:9/x', 2, /may be a tunnel.*--allow-host 127\.0\.0\.1/],
  ['--transport postgres --target postgres://u:secret@127.0.0.1:9/x --allow-host 127.0.0.1', 69, /shard 1/],
  ['--transport redis-pubsub --target redis://u:secret@127.0.0.1:9', 69, /127\.0\.0\.1:9/],
  ['--transport amqp --target amqp://u:secret@127.0.0.1:9', 69, /127\.0\.0\.1:9/],
  ['--target ws://127.0.0.1:9', 69, /127\.0\.0\.1:9/],
])('%s ends with %i and says why', async (line, exitCode, why) => {
  const ran = await typed(line)
  expect(ran.stderr).toMatch(why)
  expect(ran).toMatchObject({exitCode, stdout: ''})
  expect(ran.stderr).not.toContain('secret')
})
