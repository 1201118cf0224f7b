/** Takes the processors away from the workers of a run, for a while: busy loops beside them, and their own priority lowered. */
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import {availableParallelism, constants, setPriority} from 'node:os'

const LOOPS_A_CORE = 3

/**
 * Busy loops that end by themselves after `lengthMs`; `end` ends them at once. Each is a session of its own, because where processors
 * are shared out among sessions first (sched(7), autogroup) all loops of one session would count as one.
 */
export function burnProcessors(lengthMs: number): {end(): Promise<void>} {
  const loop = `const end = performance.now() + ${lengthMs}; while (performance.now() < end);`
  const burners = Array.from({length: LOOPS_A_CORE * availableParallelism()}, () =>
    spawn(process.execPath, ['-e', loop], {detached: true, stdio: 'ignore'}),
  )
  return {
    async end() {
      await Promise.all(burners.map(gone))
    },
  }
}

async function gone(burner: ChildProcess): Promise<void> {
  if (burner.exitCode !== null || burner.signalCode !== null) return
  const exit = once(burner, 'exit')
  burner.kill('SIGKILL')
  await exit
}

/** Lets anything else on this machine go before the workers that `parent` started; returns how many there are. */
export async function giveWayToOthers(parent: number): Promise<number> {
  const workers = await workersOf(parent)
  for (const worker of workers) {
    setPriority(worker, constants.priority.PRIORITY_LOW)
    await writeFile(`/proc/${worker}/autogroup`, String(constants.priority.PRIORITY_LOW)).catch(() => undefined)
  }
  return workers.length
}

async function workersOf(parent: number): Promise<number[]> {
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await isWorker(entry, parent))) found.push(Number(entry))
  }
  return found
}

/** The parent's id is the second field behind the command in brackets (proc_pid_stat(5)). */
async function isWorker(pid: string, parent: number): Promise<boolean> {
  try {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return command.includes('worker-main') && Number(fields[1]) === parent
  } catch {
    return false
  }
}
