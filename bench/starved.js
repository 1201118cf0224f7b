// Whether a generator that competes for its processors says so: busy loops beside a run must leave latency undecided, and a run
// without them must not be doubted. Runs alone as well: `node bench/starved.js`.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {availableParallelism} from 'node:os'
import {pathToFileURL} from 'node:url'
import {report} from './cli.js'
import {judged, table} from './print.js'

const LOOPS = 3 * availableParallelism()
const RUNS = Number(process.env.BENCH_RUNS ?? 3)
const FLAGS = ['--connections', '5000', '--connect-rate', '2500/s', '--message-rate', '200/s', '--duration', '8s']

export async function benchStarved() {
  const rows = []
  for (let run = 1; run <= RUNS; run++) rows.push(rowOf('alone', await report('ws-flood', ...FLAGS), 'pass'))
  for (let run = 1; run <= RUNS; run++) rows.push(rowOf('starved', await besideLoops(), 'inconclusive'))
  table(`our own health, 5,000 users, alone and beside ${LOOPS} busy loops`, rows)
}

async function besideLoops() {
  // Each a session of its own, or together they would get no more than one share of the processors (sched(7), autogroup).
  const loops = Array.from({length: LOOPS}, () =>
    spawn(process.execPath, ['-e', 'const end = performance.now() + 120_000; while (performance.now() < end);'], {
      detached: true,
      stdio: 'ignore',
    }),
  )
  try {
    return await report('ws-flood', ...FLAGS)
  } finally {
    await Promise.all(
      loops.map(async (loop) => {
        const gone = once(loop, 'exit')
        loop.kill('SIGKILL')
        await gone
      }),
    )
  }
}

function rowOf(name, {findings, generator, doubts, exitCode}, expected) {
  const latency = findings.find(({metric}) => metric === 'delivery_latency')
  const figures = [
    `loop p99 ${generator.eventLoopDelayP99Ms.toFixed(0)} ms`,
    `waits ${Math.round(generator.waitShare * 100)} %`,
    `exit ${exitCode}`,
  ]
  const names = doubts.map((doubt) => doubt.name).join(', ')
  return [name, figures.join(', '), `${judged(latency?.verdict === expected, expected)} ${names}`]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await benchStarved()
