/** What happens when processes die: a worker's death is told and never judged over, and no death leaves an orphan. */
import {readFile} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'
import {describe, expect, it} from 'vitest'

const BIN = new URL('../../bin/run.js', import.meta.url).pathname
const FLOOD = [
  'ws-flood',
  '--connections',
  '40',
  '--connect-rate',
  '100/s',
  '--room-size',
  '4',
  '--message-rate',
  '50/s',
]

/** Commands of the living descendants of a process, by pid. Linux only. */
async function descendants(pid: number): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  for (const child of children.trim().split(' ').filter(Boolean).map(Number)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')
    found.set(child, command.replaceAll('\0', ' ').trim())
    for (const [own, line] of await descendants(child)) found.set(own, line)
  }
  return found
}

async function until<T>(what: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + 40_000
  for (;;) {
    const found = await what()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error('it did not come to that within 40 s')
    await sleep(50)
  }
}

async function workerOf(pid: number): Promise<number> {
  return until(async () => [...(await descendants(pid))].find(([, line]) => line.includes('worker-main'))?.[0])
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(process.platform !== 'linux')(
  'a death during ws-flood (process lists are read from /proc, on Linux)',
  () => {
    it('of a worker makes the run inconclusive and is named with its cause', async () => {
      const run = execa('node', [BIN, ...FLOOD, '--duration', '4s', '--workers', '2', '--json'], {reject: false})
      process.kill(await workerOf(run.pid ?? 0), 'SIGKILL')
      const {stdout, exitCode} = await run
      const report = JSON.parse(stdout) as {verdict: string; doubts: {name: string; why: string}[]}
      expect(exitCode).toBe(98)
      expect(report.verdict).toBe('inconclusive')
      expect(report.doubts.find(({name}) => name === 'worker-died')?.why).toContain('SIGKILL')
    }, 60_000)

    it('of proofload itself leaves no process behind, whatever it was doing', async () => {
      const run = execa('node', [BIN, ...FLOOD, '--duration', '30s'], {reject: false})
      await workerOf(run.pid ?? 0)
      const family = [...(await descendants(run.pid ?? 0)).keys()]
      expect(family.length).toBeGreaterThan(4)
      run.kill('SIGKILL')
      await run
      await until(async () => {
        await sleep(0)
        return family.some(alive) ? undefined : true
      })
    }, 60_000)
  },
)
