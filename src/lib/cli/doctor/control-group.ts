/** What the control group of this process, and the groups above it, allow: memory and processor time (cgroup 1 and 2). */
import type {Bytes} from '../../base/units.js'
import type {Texts} from './texts.js'

export interface ControlGroup {
  /** The smallest limit that is set. */
  readonly memoryLimit: Bytes | undefined
  /** What is left under that limit; cached files are not counted as used, as the kernel gives them up. */
  readonly memoryLeft: Bytes | undefined
  /** Cores' worth of time, fractions allowed. */
  readonly cores: number | undefined
}

const ROOT = '/sys/fs/cgroup'
/** cgroup 1 writes "no limit" as the largest number of whole pages. */
const NO_LIMIT = 2 ** 62

export function controlGroupOf(texts: Texts): ControlGroup {
  const folders = foldersOf(texts('/proc/self/cgroup') ?? '')
  const limits = folders.memory.flatMap((folder) => memoryOf(folder, texts))
  const tightest = limits.sort((a, b) => a.limit - b.limit)[0]
  const left = limits.map(({limit, used}) => Math.max(0, limit - used))
  const quotas = folders.cpu.flatMap((folder) => quotaOf(folder, texts))
  return {
    memoryLimit: tightest?.limit,
    memoryLeft: left.length === 0 ? undefined : Math.min(...left),
    cores: quotas.length === 0 ? undefined : Math.min(...quotas),
  }
}

interface Folders {
  readonly memory: readonly string[]
  readonly cpu: readonly string[]
}

/** Lines such as `0::/user.slice` (cgroup 2) and `4:memory:/docker/abc` (cgroup 1): each group, and all above it. */
function foldersOf(text: string): Folders {
  const lines = text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    return controllers === undefined || path === undefined ? [] : [{controllers: controllers.split(','), path}]
  })
  const under = (controller: string): string[] =>
    lines.flatMap(({controllers, path}) => {
      if (controllers[0] === '') return lineage(ROOT, path)
      return controllers.includes(controller) ? lineage(`${ROOT}/${controllers.join(',')}`, path) : []
    })
  return {memory: under('memory'), cpu: under('cpu')}
}

/** `/a/b` → `/a/b`, `/a`, and the root: inside of a container only the root may be there. */
function lineage(root: string, path: string): string[] {
  const steps = path.split('/').filter((step) => step !== '' && step !== '..')
  return Array.from({length: steps.length + 1}, (_, n) => [root, ...steps.slice(0, steps.length - n)].join('/'))
}

function memoryOf(folder: string, texts: Texts): {limit: Bytes; used: Bytes}[] {
  const limit = numberIn(texts(`${folder}/memory.max`) ?? texts(`${folder}/memory.limit_in_bytes`))
  if (limit === undefined || limit >= NO_LIMIT) return []
  const used = numberIn(texts(`${folder}/memory.current`) ?? texts(`${folder}/memory.usage_in_bytes`)) ?? 0
  const cached = /^(?:total_)?inactive_file (\d+)$/m.exec(texts(`${folder}/memory.stat`) ?? '')?.[1]
  return [{limit, used: Math.max(0, used - Number(cached ?? 0))}]
}

/** `200000 100000` (cgroup 2), or quota and period in files of their own (cgroup 1, where -1 is no quota). */
function quotaOf(folder: string, texts: Texts): number[] {
  const [quota, period] = (texts(`${folder}/cpu.max`) ?? '').trim().split(/\s+/)
  const time = numberIn(quota) ?? numberIn(texts(`${folder}/cpu.cfs_quota_us`))
  const of = numberIn(period) ?? numberIn(texts(`${folder}/cpu.cfs_period_us`))
  return time === undefined || !of ? [] : [time / of]
}

/** Undefined for `max`, for -1, and for nothing. */
function numberIn(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? ''
  return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined
}
