import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {LeapingClock} from '../../src/lib/base/clock.js'
import {Bystanders} from '../../src/lib/load/bystanders.js'

let proc: string

beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'proofload-proc-'))
})
afterEach(() => rmSync(proc, {recursive: true}))

/** Ticks of 10 ms in all, and of each process with its parent. */
function stand(all: number, processes: Readonly<Record<number, readonly [parent: number, ticks: number]>>): void {
  writeFileSync(join(proc, 'stat'), `cpu  ${all - 5} 5 900 1000 0 0 0 0 0 0\ncpu0 1 2 3\n`)
  for (const [pid, [parent, ticks]] of Object.entries(processes)) {
    mkdirSync(join(proc, pid), {recursive: true})
    const counts = `0 0 0 0 0 0 0 0 0 ${ticks - 1} 77 1 88`
    writeFileSync(join(proc, pid, 'stat'), `${pid} (a (strange) name) S ${parent} ${counts} 20 0\n`)
  }
}

describe('who else takes the processors', () => {
  it('is whatever neither we nor what we started spent in its own code', async () => {
    const clock = new LeapingClock()
    stand(1000, {[process.pid]: [1, 100], 71: [process.pid, 200], 72: [71, 300], 80: [1, 400]})
    using bystanders = new Bystanders({clock, proc})
    await clock.advance(2000)
    stand(1500, {[process.pid]: [1, 110], 71: [process.pid, 220], 72: [71, 370], 80: [1, 800]})
    bystanders.look()
    // Of 500 ticks 100 were ours and our children's, and their children's.
    expect(bystanders.share(0, 2000)).toBeCloseTo(4000 / (2000 * availableParallelism()))
    expect(bystanders.share(500, 2000)).toBeUndefined()
  })

  it('is not known where the system does not tell', async () => {
    const clock = new LeapingClock()
    using bystanders = new Bystanders({clock, proc: join(proc, 'nowhere')})
    await clock.advance(1000)
    bystanders.look()
    expect(bystanders.share(0, 1000)).toBeUndefined()
  })
})
