import {createServer, type AddressInfo, type Server} from 'node:net'
import {afterEach, describe, expect, test} from 'vitest'
import {HostClock} from '../../../../src/lib/base/clock.js'
import type {ServiceName} from '../../../../src/lib/cli/doctor/admit.js'
import {greeting} from '../../../../src/lib/cli/doctor/services/postgres.js'
import {startWords} from '../../../../src/lib/cli/doctor/services/rabbitmq.js'
import {infoWords} from '../../../../src/lib/cli/doctor/services/redis.js'
import {serviceCheck} from '../../../../src/lib/cli/doctor/services/service-checks.js'
import {startPostgres} from '../../../../src/lib/targets/embedded/postgres.js'
import {startRedis} from '../../../../src/lib/targets/embedded/redis.js'

const clock = new HostClock()
const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Answers what it hears with `answer`, and resolves to its port. */
async function serving(answer: Buffer | string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(answer))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function greet(name: ServiceName, url: string) {
  return await serviceCheck(
    {name, url, host: {url, host: '127.0.0.1', addresses: ['127.0.0.1'], loopback: true}},
    clock,
  )
}

/** connection.start as a server sends it: frame header, class and method, versions, and its properties. */
function connectionStart(properties: Readonly<Record<string, string>>): Buffer {
  const fields = Object.entries(properties).map(([name, value]) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(value.length)
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(`${name}S`), length, Buffer.from(value)])
  })
  const payload = Buffer.concat([Buffer.from([0, 10, 0, 10, 0, 9]), ...fields])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(payload.length)
  return Buffer.concat([Buffer.from([1, 0, 0]), size, payload, Buffer.from([0xce])])
}

describe('a service that answers', () => {
  test('is a Redis with its version and role', {timeout: 30_000}, async () => {
    await using redis = await startRedis({prefer: 'fallback'})
    expect(await greet('redis', redis.url)).toMatchObject({
      area: 'service',
      name: 'redis',
      state: 'ok',
      value: expect.stringMatching(/^PONG in .* · Redis \d.* · role master/) as string,
    })
  })

  test('is a Postgres whose user sees its own sessions only, and is told the grant', {timeout: 60_000}, async () => {
    await using postgres = await startPostgres()
    expect(await greet('postgres', postgres.url)).toMatchObject({
      state: 'warning',
      value: expect.stringMatching(
        /^PostgreSQL 17.* in .* · practice is no superuser · sees only its own sessions/,
      ) as string,
      remedies: [{command: 'GRANT pg_read_all_stats TO "practice";'}],
    })
    expect(await greet('postgres', postgres.adminUrl)).toMatchObject({
      state: 'ok',
      value: expect.stringMatching(/postgres is superuser · sees all \d+ sessions/) as string,
    })
    const wrong = postgres.url.replace(/:[0-9a-f]+@/, ':wrong-secret@')
    const refused = await greet('postgres', wrong)
    expect(refused).toMatchObject({state: 'problem', value: expect.stringContaining('authentication failed') as string})
    expect(JSON.stringify(refused)).not.toContain('wrong-secret')
  })

  test('is a RabbitMQ that names itself before any login', async () => {
    const port = await serving(connectionStart({product: 'RabbitMQ', version: '3.13.2'}))
    expect(await greet('rabbitmq', `amqp://guest:guest@127.0.0.1:${port}`)).toMatchObject({
      state: 'ok',
      value: expect.stringMatching(/^AMQP 0-9-1 RabbitMQ 3\.13\.2 in .* · login not tried$/) as string,
    })
  })
})

describe('a service that does not fit', () => {
  test.each<[string, ServiceName, string, string | undefined, string]>([
    ['a Redis at which nobody listens', 'redis', 'redis://:geheim@127.0.0.1:9', undefined, 'ECONNREFUSED'],
    ['a Postgres at which nobody listens', 'postgres', 'postgres://a:geheim@127.0.0.1:9/b', undefined, 'ECONNREFUSED'],
    ['a RabbitMQ at which nobody listens', 'rabbitmq', 'amqp://a:geheim@127.0.0.1:9', undefined, 'ECONNREFUSED'],
    [
      'a web server in place of a RabbitMQ',
      'rabbitmq',
      'amqp://a:geheim@127.0.0.1:PORT',
      'HTTP/1.1 400 Bad Request',
      'does not speak AMQP',
    ],
    ['a RabbitMQ of another version', 'rabbitmq', 'amqp://127.0.0.1:PORT', 'AMQP\0\x01\0\0', 'another version of AMQP'],
    [
      'a Redis that wants a password',
      'redis',
      'redis://127.0.0.1:PORT',
      '-NOAUTH Authentication required.\r\n',
      'NOAUTH',
    ],
  ])('%s is a problem without its password', async (_case, name, url, answer, why) => {
    const port = answer === undefined ? 9 : await serving(answer)
    const check = await greet(name, url.replace('PORT', String(port)))
    expect(check).toMatchObject({state: 'problem', value: expect.stringContaining(why) as string})
    expect(JSON.stringify(check)).not.toContain('geheim')
  })

  test('one that may not be asked is a warning that names the flag', async () => {
    const refusal = {
      why: 'load on db.example is not allowed: to allow it, add --allow-host db.example',
      forbidden: true,
    }
    const check = await serviceCheck(
      {name: 'postgres', url: 'postgres://db.example/a', host: undefined, refusal},
      clock,
    )
    expect(check).toMatchObject({state: 'warning', value: expect.stringContaining('--allow-host db.example') as string})
  })
})

describe('words', () => {
  test.each([
    ['redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:slave\r\n', 'Redis 7.0.15 · role slave'],
    [
      'redis_version:7.2.4\r\nvalkey_version:8.0.1\r\nredis_mode:cluster\r\nrole:master\r\n',
      'Valkey 8.0.1 · cluster · role master',
    ],
    ['redis_version:7.0.15\r\nredis_mode:sentinel\r\n', 'Redis 7.0.15 · sentinel'],
  ])('of INFO %j', (info, expected) => {
    expect(infoWords(info)).toBe(expected)
  })

  test('of a user who may read all statistics', () => {
    const answer = {
      version: 'PostgreSQL 16.1 on x86_64-pc-linux-gnu',
      user: 'app',
      superuser: false,
      stats: true,
      sessions: 7,
    }
    expect(greeting(answer, 3)).toEqual({
      state: 'ok',
      value: 'PostgreSQL 16.1 in 3 ms · app is no superuser · sees all 7 sessions in pg_stat_activity',
    })
  })

  test('of a server that keeps its product for itself', () => {
    expect(startWords(connectionStart({}))).toBe('AMQP 0-9-1')
  })
})
