// What ws-flood must reach at its default scale, and how near it comes to a bare `ws` loop.
import {availableParallelism} from 'node:os'
import {bareLoop} from './bare-ws.js'
import {report, wallTime} from './cli.js'
import {judged, table} from './print.js'

const RUNS = Number(process.env.BENCH_RUNS ?? 3)
const BIN = new URL('../bin/run.js', import.meta.url).pathname

export async function benchWsFlood() {
  const node = await wallTime('node', ['-e', '0'], 5)
  const help = await wallTime('node', [BIN, '--help'], 5)
  table('start-up', [
    ['node -e 0', `${node.toFixed(0)} ms`, ''],
    ['--help', `${help.toFixed(0)} ms`, judged(help <= 2 * node + 150, `at most ${(2 * node + 150).toFixed(0)} ms`)],
  ])
  const runs = []
  for (let run = 1; run <= RUNS; run++) {
    const one = await report('ws-flood')
    runs.push(one)
    table(`ws-flood, default scale, run ${run} of ${RUNS} (${availableParallelism()} cores)`, rowsOf(one))
  }
  const {workers} = runs[0].generator
  const bare = await bareLoop({users: 50_000, workers, nodes: 3, rate: 5000, roomSize: 50})
  const rates = runs.map((one) => one.metrics.connect_rate.value).sort((left, right) => left - right)
  const median = rates[Math.floor(rates.length / 2)]
  table('against a bare `ws` loop, same processes, 5,000/s offered', [
    ['bare loop', `${bare.perSecond.toFixed(0)}/s, ${bare.bytesPerConnection.toFixed(0)} B a connection`, ''],
    ['ws-flood', `${median.toFixed(0)}/s (median)`, judged(median >= 0.8 * bare.perSecond, 'at least 0.8')],
  ])
}

function rowsOf({metrics, facts, generator, durationMs, verdict, doubts}) {
  const ramp = facts.rampMs / 1000
  const p99 = metrics.delivery_latency.p99
  const [after, end] = [facts.rssPerConnectionAfterRamp, metrics.generator_rss_per_connection.value]
  const established = metrics.connections_established.value
  return [
    ['established', String(established), judged(established === 50_000, '50,000')],
    ['ramp', `${ramp.toFixed(1)} s`, judged(ramp <= 15, 'at most 15 s')],
    ['whole run', `${(durationMs / 1000).toFixed(1)} s`, judged(durationMs <= 60_000, 'at most 60 s')],
    ['p99 delivery', `${p99.toFixed(1)} ms of ${metrics.delivery_latency.count}`, judged(p99 < 100, 'under 100 ms')],
    ['memory after the ramp', `${after.toFixed(0)} B a connection`, judged(after <= 8 * 1024, 'at most 8 KB')],
    ['memory at the end', `${end.toFixed(0)} B a connection`, judged(end <= 10 * 1024, 'at most 10 KB')],
    ['event-loop delay p99', `${generator.eventLoopDelayP99Ms.toFixed(1)} ms`, judged(generator.healthy, 'no doubt')],
    ['verdict', verdict, doubts.map(({name}) => name).join(', ')],
  ]
}
