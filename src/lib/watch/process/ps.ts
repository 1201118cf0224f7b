/** Reads a process from `ps`, where there is no /proc: macOS and the BSDs. */
import {execFile} from 'node:child_process'
import {totalmem} from 'node:os'
import {promisify} from 'node:util'
import {DAY, HOUR, MINUTE, SECOND, type Ms} from '../../base/units.js'
import {PATIENCE} from '../watcher.js'
import type {Usage} from './usage.js'

const run = promisify(execFile)
/** `1-02:03:04.05`: days, hours, minutes, seconds; the first two may be missing. */
const TIME = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)$/

/** Undefined when there is no such process, or only its remains. */
export async function readPs(pid: number): Promise<Usage | undefined> {
  const columns = ['state=', 'time=', 'rss=', 'lstart=']
  const line = await run('ps', [...columns.flatMap((column) => ['-o', column]), '-p', String(pid)], {
    timeout: PATIENCE,
    env: {...process.env, LC_ALL: 'C'},
  }).then(
    ({stdout}) => stdout.trim(),
    () => '',
  )
  const [state = 'Z', time = '', kilobytes = '', ...began] = line.split(/\s+/)
  if (line === '' || state.startsWith('Z')) return undefined
  return {
    identity: began.join(' '),
    cpuMs: parseTime(time),
    threadsMs: undefined,
    memoryBytes: Number(kilobytes) * 1024,
    memoryLimitBytes: totalmem(),
  }
}

/** NaN for what is no time of `ps`. */
export function parseTime(text: string): Ms {
  const [whole, days, hours, minutes, seconds] = TIME.exec(text) ?? []
  if (whole === undefined) return NaN
  const part = (digits: string | undefined, worth: Ms) => Number((digits ?? '0').replace(',', '.')) * worth
  return part(days, DAY) + part(hours, HOUR) + part(minutes, MINUTE) + part(seconds, SECOND)
}
