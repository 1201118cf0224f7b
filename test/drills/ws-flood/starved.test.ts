/** A generator that does not get its processor must not judge anybody's latency. */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {reportSchema} from '../../../src/lib/report/schema.js'
import {burnProcessors, giveWayToOthers} from './burners.js'

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
/** Longer than from one line of progress to the next. */
const STEADY_MS = 6000

const FLAGS = [
  ...['--connections', '60', '--connect-rate', '100/s', '--room-size', '6', '--workers', '1'],
  ...['--duration', `${STEADY_MS}ms`, '--message-rate', '100/s', '--json'],
]

/** The run of a generator whose processors are taken away while the rooms speak. */
async function starvedRun() {
  const run = spawn(process.execPath, [BIN, 'ws-flood', ...FLAGS], {stdio: ['ignore', 'pipe', 'pipe']})
  const text = {stdout: '', stderr: ''}
  let burners: ReturnType<typeof burnProcessors> | undefined
  let workers: Promise<number> | undefined
  run.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
  run.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk
    if (workers !== undefined || !/^steady/m.test(text.stderr)) return
    workers = giveWayToOthers(run.pid ?? 0)
    burners = burnProcessors(STEADY_MS)
  })
  try {
    await once(run, 'close')
    return {...text, exitCode: run.exitCode, workers: await workers}
  } finally {
    run.kill('SIGKILL')
    await burners?.end()
  }
}

test.skipIf(!existsSync('/proc/self/stat'))(
  'a generator that is starved of its processors leaves latency undecided, with advice, and exits with 98',
  {timeout: 120_000},
  async () => {
    const {stdout, stderr, exitCode, workers} = await starvedRun()
    expect({exitCode, workers}, stderr).toEqual({exitCode: 98, workers: 1})
    const report = reportSchema.parse(JSON.parse(stdout))
    const verdicts = new Map(report.findings.map(({metric, verdict}) => [metric, verdict]))
    expect(verdicts.get('delivery_latency')).toBe('inconclusive')
    expect(verdicts.get('messages_lost')).toBe('pass')
    expect(report.findings.filter(({verdict}) => verdict === 'fail')).toEqual([])
    expect(report.generator.healthy).toBe(false)
    const ours = report.doubts.filter(({spoils}) => spoils === 'latency')
    expect(ours.map(({name}) => name)).toContain('event-loop-delay')
    for (const {advice} of ours) expect(advice).toContain('move the generator to a machine of its own')
  },
)
