// What msg-throughput carries: through the practice target end to end, alone into a sink, and how its memory stands in a long run.
// Runs alone as well: `node bench/throughput.js`.
import {fork} from 'node:child_process'
import {once} from 'node:events'
import {pathToFileURL} from 'node:url'
import {report} from './cli.js'
import {judged, table} from './print.js'

const SINK = new URL('./sink-server.js', import.meta.url)
const SINK_PROTOCOL = new URL('./sink.yaml', import.meta.url).pathname
const MINUTES = Number(process.env.BENCH_MINUTES ?? 5)
const MIB = 1024 * 1024

export async function benchThroughput() {
  await endToEnd()
  await highestRate()
  await generatorAlone()
  await memory()
}

async function endToEnd() {
  const rows = []
  for (let run = 1; run <= 3; run++) {
    const {metrics, findings, verdict, generator} = await report('msg-throughput')
    const {p50, p99} = metrics.delivery_latency.byPhase.steady
    const broken = findings.filter(({verdict, warn}) => verdict !== 'pass' && !warn).map(({threshold}) => threshold)
    const rate = Math.round(metrics.delivery_rate.byPhase.steady.value)
    rows.push([
      `run ${run}`,
      `${rate}/s, p50 ${ms(p50)}, p99 ${ms(p99)}, start delay p99 ${ms(generator.startDelayP99Ms)}`,
      `${judged(verdict === 'pass' && p99 < 100, 'all thresholds, p99 < 100 ms')} ${broken.join(', ')}`,
    ])
  }
  table('throughput: 10,000 messages a second through the practice target', rows)
}

async function highestRate() {
  const {curve, metrics} = await report('msg-throughput', '--find-max')
  const most = metrics.max_rate?.value ?? 0
  table('throughput: the highest rate that holds', [
    ...curve.points.map(({x, values: [p99], outcome}) => [`${x}/s`, `p99 ${ms(p99 ?? NaN)}`, outcome]),
    ['highest', `${most}/s`, judged(most >= 20_000, '>= 20,000/s')],
    ['knee', curve.knee, ''],
  ])
}

async function generatorAlone() {
  const rows = []
  for (const [rate, seconds] of [
    [20_000, 8],
    [130_000, 6],
  ]) {
    const {generator, metrics, phases} = await intoSink(rate, seconds)
    const steady = phases.find(({name}) => name === 'steady')
    const sent = metrics.messages_published.byPhase.steady.value / ((steady.endMs - steady.startMs) / 1000)
    const [goal, words] =
      rate > 100_000 ? [sent >= 100_000, '>= 100,000/s'] : [generator.startDelayP99Ms < 2, 'start delay p99 < 2 ms']
    rows.push([
      `${rate}/s asked`,
      `${Math.round(sent)}/s sent, start delay p99 ${ms(generator.startDelayP99Ms)}, cpu ${Math.round(generator.cpuShare * 100)} %`,
      judged(goal, words),
    ])
  }
  table('throughput: one worker into a sink that only reads', rows)
}

async function intoSink(rate, seconds) {
  const sink = fork(SINK)
  try {
    const [{port}] = await once(sink, 'message')
    return await report(
      ...['msg-throughput', '--target', `ws://127.0.0.1:${port}`, '--protocol', SINK_PROTOCOL, '--workers', '1'],
      ...['--rate', `${rate}/s`, '--duration', `${seconds}s`, '--ramp', '1s', '--rooms', '50'],
    )
  } finally {
    const gone = once(sink, 'exit')
    sink.kill('SIGKILL')
    await gone
  }
}

async function memory() {
  const {series} = await report('msg-throughput', '--duration', `${MINUTES}m`)
  const rss = series.generator_rss.value.filter((value) => value !== null)
  const [first, last] = [rss[60] ?? rss.at(-1), rss.at(-3)]
  const grown = (last - first) / MIB
  table(`throughput: memory of the generator over ${MINUTES} minutes at 10,000/s`, [
    ['after a minute', `${Math.round(first / MIB)} MiB`, ''],
    ['at the end', `${Math.round(last / MIB)} MiB`, judged(grown < 50, '< 50 MB more')],
  ])
}

function ms(value) {
  return `${value.toFixed(2)} ms`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await benchThroughput()
