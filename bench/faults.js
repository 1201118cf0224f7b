/**
 * How tightly the disconnects hold: clients that come back at once ask all the time, from a process of their own, and what still gets
 * through is counted; beside each the plain way, which kills again and again every 50 ms. Then how long each takes to be in force, and
 * to be reverted.
 *
 *   node bench/run.js faults
 */
import {fork} from 'node:child_process'
import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {Redis} from 'ioredis'
import {Client} from 'pg'
import {HostClock} from '../dist/lib/base/clock.js'
import {seededRandom} from '../dist/lib/base/random.js'
import {pgDisconnect} from '../dist/lib/faults/postgres/disconnect.js'
import {redisDisconnect} from '../dist/lib/faults/redis/disconnect.js'
import {startPostgres} from '../dist/lib/targets/embedded/postgres.js'
import {startRedis} from '../dist/lib/targets/embedded/redis.js'
import {judged, table} from './print.js'

const OWN = fileURLToPath(import.meta.url)
const CLIENTS = {redis: 50, postgres: 10}
const WARM_UP_MS = 1500
const FAULT_MS = 3000
const PLAIN_EVERY_MS = 50
/** Before a patient client comes back. */
const PATIENCE_MS = 100
const ASK = Buffer.from('*2\r\n$4\r\nINCR\r\n$5\r\ncrowd\r\n')

/** One client that has one INCR under way at any time. */
function askRedis(url, tally) {
  const {hostname: host, port} = new URL(url)
  const socket = connect({host, port: Number(port), noDelay: true}, () => socket.write(ASK))
  socket.on('data', (bytes) => {
    // `:42\r\n`; an error begins with `-`.
    if (bytes[0] === 0x3a) tally.done += 1
    socket.write(ASK)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    tally.cut += 1
    setImmediate(() => askRedis(url, tally))
  })
}

async function askPostgres(url, tally, delay) {
  for (;;) {
    const client = new Client({connectionString: url})
    client.on('error', () => undefined)
    try {
      await client.connect()
      for (;;) {
        await client.query('SELECT 1')
        tally.done += 1
      }
    } catch {
      tally.cut += 1
      await sleep(delay)
    }
  }
}

/** The clients' process: answers its tally whenever it is asked for it. */
function beCrowd(kind, url, delay) {
  const tally = {done: 0, cut: 0}
  for (let client = 0; client < CLIENTS[kind]; client++) (kind === 'redis' ? askRedis : askPostgres)(url, tally, delay)
  process.on('message', () => process.send(tally))
  process.on('disconnect', () => process.exit(0))
}

function startCrowd(kind, url, delay) {
  const child = fork(OWN, ['crowd', kind, url, String(delay)], {stdio: ['ignore', 'ignore', 'inherit', 'ipc']})
  const tally = () =>
    new Promise((resolve) => {
      child.once('message', resolve)
      child.send('tally')
    })
  return {tally, stop: () => child.disconnect()}
}

/** The plain ways: what one would write by hand. */
const PLAIN = {
  redis: async (url) => {
    const redis = new Redis(url)
    const kill = () =>
      Promise.all([redis.call('CLIENT', 'KILL', 'TYPE', 'normal'), redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')])
    return repeated(kill, () => redis.disconnect())
  },
  postgres: async (url) => {
    const client = new Client({connectionString: url})
    await client.connect()
    const others =
      "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    return repeated(
      () => client.query(`SELECT pg_terminate_backend(pid) ${others}`),
      () => client.end(),
    )
  },
}

/** Kills until it is reverted. */
async function repeated(kill, close) {
  let goesOn = true
  await kill()
  const loop = (async () => {
    while (goesOn) {
      await sleep(PLAIN_EVERY_MS)
      await kill()
    }
  })()
  return {
    revert: async () => {
      goesOn = false
      await loop
      await close()
    },
    evidence: () => ({}),
  }
}

async function inject(make, kind, url) {
  const kit = {
    clock: new HostClock(),
    random: seededRandom('bench'),
    ground: {[kind]: url, proxies: {}, nodes: []},
    mark: 'proofload:bench',
  }
  const injector = make({name: kind, parameters: {}, atMs: 0, forMs: FAULT_MS}, kit)
  await injector.prepare()
  return {
    inject: () => injector.inject(),
    revert: () => injector.revert(),
    evidence: () => injector.evidence(),
    close: () => injector.close(),
  }
}

const timed = async (work) => {
  const start = performance.now()
  const result = await work()
  return [performance.now() - start, result]
}

/** Operations a second before and during, and how long it took to come into force and to be reverted. */
async function measure({kind, url, faultUrl = url, make, delay = 0}) {
  const crowd = startCrowd(kind, url, delay)
  try {
    const start = await crowd.tally()
    await sleep(WARM_UP_MS)
    const warm = await crowd.tally()
    const ours = make && (await inject(make, kind, faultUrl))
    const [inForceMs, plain] = await timed(() => (ours ? ours.inject() : PLAIN[kind](faultUrl)))
    const before = await crowd.tally()
    await sleep(FAULT_MS)
    const after = await crowd.tally()
    const fault = ours ?? plain
    const [revertMs] = await timed(() => fault.revert())
    const evidence = fault.evidence()
    await ours?.close()
    const usual = (warm.done - start.done) / (WARM_UP_MS / 1000)
    const leaked = (after.done - before.done) / (FAULT_MS / 1000)
    return {usual, leaked, share: leaked / usual, inForceMs, revertMs, evidence}
  } finally {
    crowd.stop()
  }
}

function row(name, {usual, leaked, share, inForceMs, revertMs, evidence}, most) {
  const counts = Object.entries(evidence).filter(([key]) => key.startsWith('leaked'))
  const notes = [
    `in force in ${inForceMs.toFixed(0)} ms`,
    `reverted in ${revertMs.toFixed(0)} ms`,
    ...counts.map(([key, value]) => `${key} ${value}`),
    ...(most === undefined ? [] : [judged(share <= most, `at most ${most * 100} %`)]),
  ]
  return [name, `${leaked.toFixed(1)}/s of ${usual.toFixed(0)}/s (${(share * 100).toFixed(2)} %)`, notes.join(', ')]
}

async function withService(service, work) {
  try {
    return await work(service)
  } finally {
    await service[Symbol.asyncDispose]()
  }
}

async function benchRedis(redis) {
  const setting = {kind: 'redis', url: redis.url}
  return [
    row(`${redis.kind}, plain`, await measure(setting)),
    row(`  redis.disconnect`, await measure({...setting, make: redisDisconnect}), 0),
  ]
}

async function benchPostgres({url, adminUrl}) {
  const setting = {kind: 'postgres', url}
  return [
    row('postgres, plain', await measure(setting)),
    row('  pg.disconnect', await measure({...setting, make: pgDisconnect}), 0.01),
    row('    of patient clients', await measure({...setting, make: pgDisconnect, delay: PATIENCE_MS}), 0),
    row('    as a superuser', await measure({...setting, faultUrl: adminUrl, make: pgDisconnect}), 0),
    row('    of superusers', await measure({kind: 'postgres', url: adminUrl, make: pgDisconnect})),
  ]
}

/** Prints a line for each way of cutting clients off. */
export async function benchFaults() {
  const rows = [
    ...(await withService(await startRedis(), benchRedis)),
    ...(await withService(await startRedis({prefer: 'fallback'}), benchRedis)),
    ...(await withService(await startPostgres(), benchPostgres)),
  ]
  table('operations of clients that come back at once, while they are cut off', rows)
}

if (process.argv[1] === OWN) {
  if (process.argv[2] === 'crowd') beCrowd(process.argv[3], process.argv[4], Number(process.argv[5]))
  else await benchFaults()
}
