/** Where a system tells about itself, as texts by name, so that a test can hand in those of any machine. */
import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'

/** Takes a path of /proc or /sys, or on macOS `sysctl:NAME`; undefined for what this system does not have. */
export type Texts = (source: string) => string | undefined

const SYSCTL = 'sysctl:'
/** What macOS is asked, all at once. */
const NAMES = [
  'kern.maxfiles',
  'kern.num_files',
  'kern.ipc.somaxconn',
  'net.inet.ip.portrange.first',
  'net.inet.ip.portrange.last',
]
const PATIENCE_MS = 3000

export function systemTexts(): Texts {
  if (process.platform !== 'darwin') return fileText
  const values = sysctl()
  return (source) => (source.startsWith(SYSCTL) ? values.get(source.slice(SYSCTL.length)) : undefined)
}

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Lines such as `kern.maxfiles: 245760`. */
function sysctl(): ReadonlyMap<string, string> {
  try {
    const text = execFileSync('sysctl', NAMES, {
      timeout: PATIENCE_MS,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return new Map(
      text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    )
  } catch {
    return new Map()
  }
}
