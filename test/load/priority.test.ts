import {fork} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {getPriority} from 'node:os'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

const script = fileURLToPath(new URL('./fixtures/first.mjs', import.meta.url))
const mayGoFirst = process.getuid?.() === 0
const hasSessions = (() => {
  try {
    return readFileSync('/proc/sys/kernel/sched_autogroup_enabled', 'utf8').trim() === '1'
  } catch {
    return false
  }
})()

async function priorityIn(phases: readonly string[], uid?: number): Promise<{own: number; session: string}> {
  const child = fork(script, phases, {detached: true, ...(uid === undefined ? {} : {uid, gid: uid})})
  const [session] = (await once(child, 'message')) as [string]
  const own = getPriority(child.pid)
  const gone = once(child, 'exit')
  child.disconnect()
  await gone
  return {own, session}
}

describe('a worker', () => {
  it.runIf(mayGoFirst)('goes first among the processes while it measures, where it is let (needs root)', async () => {
    const {own, session} = await priorityIn(['ramp', 'steady'])
    expect(own).toBe(-10)
    if (hasSessions) expect(session).toContain('nice -10')
  })

  it.runIf(mayGoFirst)(
    'goes beside the others while users come in, also when they do so once more (needs root)',
    async () => {
      const {own, session} = await priorityIn(['set-up', '50000 users', 'ramp'])
      expect(own).toBe(0)
      if (hasSessions) expect(session).toContain('nice 0')
    },
  )

  it.runIf(mayGoFirst)('works all the same where it is not let (needs root, to become nobody)', async () => {
    const {own, session} = await priorityIn(['steady'], 65_534)
    expect(own).toBe(getPriority())
    expect(session).not.toContain('nice -10')
  })
})
