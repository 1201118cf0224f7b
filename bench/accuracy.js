// How near ws-flood's figures come to the truth, against servers of the bench's own that are slow by a programme. The truth is
// computed from the programme and from when each message was due, never from what was measured.
// Runs alone as well: `node bench/accuracy.js`.
import {fork} from 'node:child_process'
import {once} from 'node:events'
import {pathToFileURL} from 'node:url'
import {report} from './cli.js'
import {judged, table} from './print.js'
import {PROGRAMMES} from './programmes.js'

const SERVER = new URL('./scripted-server.js', import.meta.url)
const USERS = 200
const ROOM = 10
/** Of the generator's capacity. */
const LOADS = [0.01, 0.5]
const SECONDS = Number(process.env.BENCH_SECONDS ?? 23)
/** So many messages at least, or a p99 would hang on a handful of them. */
const MESSAGES = 1200
/** What the server's own code takes to be compiled is no part of any programme. */
const WARM_UP = {rate: 250, seconds: 4}
/** A young generation that a run does not fill: what the server's own collections take is no part of a programme either. */
const UNCOLLECTED = ['--min-semi-space-size=256', '--max-semi-space-size=256']
/** As near to no delay at all as the figures must stay, or something queues already. */
const GROUND = 10
/** Messages a second, before and after doubling. */
const SEARCH = {from: 250, to: 32_000, seconds: 3}

export async function benchAccuracy() {
  const capacity = await capacityOfGenerator()
  for (const programme of Object.keys(PROGRAMMES).slice(1)) {
    for (const load of LOADS) await compare(programme, load, Math.max(20, Math.round(capacity * load)))
  }
}

/** Messages a second, doubled against a server without delay until our own side is strained or the figures leave the ground. */
async function capacityOfGenerator() {
  let capacity = SEARCH.from
  const rows = []
  for (let rate = SEARCH.from; rate <= SEARCH.to; rate *= 2) {
    // What something else on the machine took away once, it seldom takes twice.
    const within = (await holds(rate, rows)) || (await holds(rate, rows))
    if (!within) break
    capacity = rate
  }
  table(`accuracy: capacity of one worker, ${USERS} users in rooms of ${ROOM} (messages a second)`, rows)
  return capacity
}

async function holds(rate, rows) {
  const {generator, steady} = await run('no delay', rate, SEARCH.seconds)
  const within = generator.healthy && steady.p99 < GROUND
  const figures = `p99 ${ms(steady.p99)}, cpu ${Math.round(generator.cpuShare * 100)} %`
  rows.push([`${rate}/s`, figures, within ? '' : 'too much'])
  return within
}

async function compare(programme, load, rate) {
  const {log, steady, generator} = await run(programme, rate, Math.max(SECONDS, Math.ceil(MESSAGES / rate)))
  const truth = sorted(log.programmed, log)
  const released = sorted(log.released, log)
  const rows = [
    ['p50', 0.5],
    ['p99', 0.99],
    ['max', 1],
  ].map(([name, fraction]) => {
    const [true_, sent, seen] = [at(truth, fraction), at(released, fraction), steady[name]]
    const error = seen - true_
    const near = Math.abs(error) <= Math.max(2, 0.02 * true_)
    const ours = seen - sent
    return [
      name,
      `truth ${ms(true_)}, measured ${ms(seen)}`,
      `${judged(near, 'within 2 % or 2 ms')}: error ${ms(error)}, the server's own part ${ms(sent - true_)}, ours ${ms(ours)}`,
    ]
  })
  const title = `accuracy: ${programme}, ${load * 100} % of capacity (${rate}/s, ${truth.length} messages)`
  table(title, [
    ...rows,
    ['our side', `start delay p99 ${ms(generator.startDelayP99Ms)}`, generator.healthy ? 'healthy' : 'not healthy'],
  ])
}

async function run(programme, rate, seconds) {
  const server = fork(SERVER, [programme], {detached: true, execArgv: UNCOLLECTED})
  try {
    const [{port}] = await once(server, 'message')
    await flood(port, Math.max(WARM_UP.rate, rate), WARM_UP.seconds)
    const {metrics, generator} = await flood(port, rate, seconds)
    server.send('log')
    const [log] = await once(server, 'message')
    return {log, generator, steady: metrics.delivery_latency.byPhase.steady}
  } finally {
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
  }
}

async function flood(port, rate, seconds) {
  return report(
    ...['ws-flood', '--target', `ws://127.0.0.1:${port}`, '--protocol', 'json', '--workers', '1'],
    ...['--connections', USERS, '--room-size', ROOM, '--connect-rate', '1000/s'].map(String),
    ...['--message-rate', `${rate}/s`, '--duration', `${seconds}s`],
  )
}

/** From due to `moments`, ascending. All receivers of a message share its moment, so that each message counts once. */
function sorted(moments, {due, origin}) {
  return moments.map((moment, n) => moment - origin - due[n]).sort((left, right) => left - right)
}

/** Nearest rank. */
function at(values, fraction) {
  return values[Math.max(0, Math.ceil(fraction * values.length - 1e-9) - 1)]
}

function ms(value) {
  return `${value.toFixed(2)} ms`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await benchAccuracy()
