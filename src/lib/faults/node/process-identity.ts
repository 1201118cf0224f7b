/** Tells a process from a later one that was given the same id. */
import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'

/** Of a process that lives: when it began, in words of the system. Undefined when there is none, or only its remains. */
export function identityOf(pid: number): string | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

/** Field 22 counts ticks since boot, so the boot belongs to it (proc_pid_stat(5)); the name before it may hold anything, also ')'. */
function fromProc(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state = 'X'] = fields
  if (state === 'Z' || state === 'X') return undefined
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return `${fields[19] ?? ''}@${boot}`
}

function fromPs(pid: number): string | undefined {
  const line = ps(pid, 'state=,lstart=')
  return line === undefined || line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
}

/** The command of a process, as one line of at most 80 characters. */
export function commandOf(pid: number): string {
  const line = process.platform === 'linux' ? read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') : ps(pid, 'command=')
  const text = line?.trim() ?? ''
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** The process itself, the one that started it, and so on up; pid 1 excluded. */
export function lineageOf(pid: number): number[] {
  const lineage: number[] = []
  for (let next = pid; next > 1 && lineage.length < 1000; next = parentOf(next)) lineage.push(next)
  return lineage
}

function parentOf(pid: number): number {
  if (process.platform !== 'linux') return Number(ps(pid, 'ppid=') ?? 0)
  const stat = read(`/proc/${pid}/stat`) ?? ''
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

function ps(pid: number, columns: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', columns, '-p', String(pid)], {encoding: 'utf8', stdio: 'pipe'}).trim()
  } catch {
    return undefined
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
