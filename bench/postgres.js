/**
 * How fast the carrier `postgres` stores messages next to pgbench: the same server, table, connections, rows a batch and bytes a row, one
 * after the other in rounds.
 *
 *   node bench/run.js postgres
 */
import {execFile} from 'node:child_process'
import {access, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import {HostClock} from '../dist/lib/base/clock.js'
import {seededRandom} from '../dist/lib/base/random.js'
import {postgresCarrier} from '../dist/lib/protocols/postgres/postgres-carrier.js'
import {postgresSite} from '../dist/lib/protocols/postgres/postgres-site.js'
import {insertSql} from '../dist/lib/protocols/postgres/table.js'
import {startPostgres} from '../dist/lib/targets/embedded/postgres.js'
import {judged, table} from './print.js'

const SHAPE = {connections: 4, rows: 100, bytes: 256}
const ROUNDS = 5
const ROUND_S = 2
const LAYOUT = {rooms: 100, publishers: 100, fanout: 1, consumers: 1}
const RUN = 'k3x9a0zz'
const COMMON = {run: RUN, tls: {insecure: false}, timeoutMs: 10_000}
const TEXT = 'x'.repeat(SHAPE.bytes)

/** A table of its own for each measurement, so that none begins with the rows of another. */
async function withTable(url, work) {
  const site = postgresSite({...COMMON, urls: [url]}, {clock: new HostClock()})
  await site.prepare()
  try {
    return await work(site)
  } finally {
    await site.remove()
  }
}

/** Rows a second; enough waits for each connection that every batch is full. */
async function ours(url) {
  return withTable(url, async (site) => {
    let [ticket, accepted, refused] = [0, 0, 0]
    const end = performance.now() + ROUND_S * 1000
    const say = () => {
      const room = ticket % LAYOUT.rooms
      if (carrier.publish({room, voice: room, ticket, text: TEXT})) ticket += 1
    }
    // Each answer makes room for the next message: nothing of ours runs while the server works.
    const answered = (_ticket, outcome) => {
      if (outcome === 'accepted') accepted += 1
      else refused += 1
      if (performance.now() < end) say()
    }
    const listener = {answered, lost: () => (refused += 1)}
    const share = {...COMMON, urls: [url], layout: LAYOUT, rooms: {first: 0, end: LAYOUT.rooms}}
    const kit = {clock: new HostClock(), random: seededRandom('bench'), listener}
    const limits = {batchRows: SHAPE.rows}
    const carrier = postgresCarrier(share, kit, {connections: SHAPE.connections, limits})
    await carrier.open()
    const start = performance.now()
    for (let ahead = 0; ahead < SHAPE.connections * SHAPE.rows * 2; ahead++) say()
    while (accepted + refused < ticket) await sleep(10)
    const rate = accepted / ((performance.now() - start) / 1000)
    await carrier[Symbol.asyncDispose]()
    const [stored] = await site.countsByShard()
    if (refused > 0 || stored !== accepted) throw new Error(`${accepted} accepted, ${refused} not, ${stored} stored`)
    return rate
  })
}

const array = (items) => `'{${items.join(',')}}'`
const numbers = Array.from({length: SHAPE.rows}, (_, index) => index % LAYOUT.rooms)

/** The statement of ours with its values written in, and the form in which people write batches by hand; the faster one counts. */
const SCRIPTS = {
  unnest: insertSql(RUN)
    .replace('$1', array(numbers))
    .replace('$2', array(numbers))
    .replace('$3', array(numbers.map(() => TEXT))),
  values: `${insertSql(RUN).replace(/SELECT.*/, '')} VALUES ${numbers.map((room) => `(${room}, ${room}, '${TEXT}')`).join(', ')}`,
}

async function pgbench(program, url, file) {
  return withTable(url, async () => {
    const {connections} = SHAPE
    const flags = ['-n', '-c', `${connections}`, '-j', '1', '-T', `${ROUND_S}`, '-f', file, url]
    const {stdout} = await promisify(execFile)(program, flags)
    return Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]) * SHAPE.rows
  })
}

async function programOf(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    const found = await access(path).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

async function measure(program, directory, url) {
  const files = {}
  for (const [name, script] of Object.entries(SCRIPTS)) {
    files[name] = join(directory, `${name}.sql`)
    await writeFile(files[name], `${script};\n`)
  }
  const measures = [
    ['ours', () => ours(url)],
    ...Object.entries(files).map(([name, file]) => [name, () => pgbench(program, url, file)]),
  ]
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const figures = {}
    for (const [name, rate] of measures) figures[name] = await rate()
    rounds.push(figures)
    measures.push(measures.shift())
  }
  return rounds
}

export async function benchPostgres() {
  const program = await programOf('pgbench')
  if (program === undefined) {
    table('Carrier postgres', [['skipped', 'there is no pgbench on the PATH', '']])
    return
  }
  const directory = await mkdtemp(join(tmpdir(), 'proofload-bench-'))
  const service = await startPostgres()
  try {
    const rounds = await measure(program, directory, service.url)
    const thousands = (name) => `${(middle(rounds.map((round) => round[name])) / 1000).toFixed(0)}k`
    const ratio = middle(rounds.map(({ours: own, unnest, values}) => own / Math.max(unnest, values)))
    const {connections, rows, bytes} = SHAPE
    table(`Carrier postgres: ${connections} connections, ${rows} rows of ${bytes} bytes a batch`, [
      ['rows a second', `ours ${thousands('ours')}, pgbench ${thousands('unnest')}, VALUES ${thousands('values')}`, ''],
      ['', `${ratio.toFixed(2)} of the faster pgbench`, judged(ratio >= 0.7, 'at least 0.7')],
    ])
  } finally {
    await service[Symbol.asyncDispose]()
    await rm(directory, {recursive: true})
  }
}
