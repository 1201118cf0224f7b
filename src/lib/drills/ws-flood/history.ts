/** Asks the target's history for what did not arrive live: what it holds was recovered, not saved from being lost. */
import {UsageError} from '../../base/errors.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {textReader} from '../../protocols/http/get-text.js'
import {StampReader} from '../../protocols/stamp.js'
import {compileTemplate} from '../../protocols/template.js'
import {WHO} from '../../protocols/websocket/dialect.js'
import {pinnedLookup} from '../../targets/safety/pinned-lookup.js'
import type {Identities} from './identities.js'
import type {MissingInRoom} from './room-book.js'
import {roomStart} from './roster.js'
import type {WsFloodShare} from './share.js'

const TIMEOUT_MS = 10_000
const LARGEST_PAGE = 64 * 1024 * 1024
/** Rooms asked at the same time, so that asking is no load of its own. */
const AT_ONCE = 8
/** A history that fails this often in a row is not asked any further. */
const PATIENCE = 3

export interface HistoryAnswer {
  /** `publisher:sequence` of every stamp that was found in a room that was asked. */
  readonly found: ReadonlySet<string>
  readonly trouble: string | undefined
}

/** Key of a message: its sender's number and its sequence. */
export function messageKey(publisher: number, sequence: number): string {
  return `${publisher}:${sequence}`
}

/** Reads the history of every room in which something is missing; undefined when the target has no history. */
export async function askHistory(
  share: WsFloodShare,
  kit: WorkerKit,
  {identities, missing}: {identities: Identities; missing: readonly MissingInRoom[]},
): Promise<HistoryAnswer | undefined> {
  const {profile, tls, headers, allowed} = share.target
  const history = profile.history ?? profile.protocol.history
  if (!history || missing.length === 0) return undefined
  const url = compileTemplate(history.url, WHO)
  const own = Object.entries({...profile.headers, ...headers, ...history.headers})
  const queue = [...new Set(missing.map(({room}) => room))]
  const reader = new StampReader(kit.runId)
  const found = new Set<string>()
  let trouble: string | undefined
  let failures = 0
  const askOne = async (room: number): Promise<void> => {
    const who = identities.who(roomStart(share.plan.roster, room))
    const filled = Object.fromEntries(own.map(([name, value]) => [name, compileTemplate(value, WHO).fill(who)]))
    await using pages = textReader({
      headers: filled,
      timeoutMs: TIMEOUT_MS,
      atMost: LARGEST_PAGE,
      lookup: pinnedLookup(allowed),
      ...tls,
    })
    const page = await pages.read(addressOf(url.fillUrl(who), share.target.urls[0] ?? ''))
    reader.read(page, {
      stamp: (publisher, sequence) => found.add(messageKey(publisher, sequence)),
      broken: () => undefined,
    })
  }
  const askOn = async (): Promise<void> => {
    for (let room = queue.shift(); room !== undefined && failures < PATIENCE; room = queue.shift()) {
      await askOne(room).then(
        () => (failures = 0),
        (error: unknown) => {
          failures++
          trouble = error instanceof Error ? error.message : String(error)
        },
      )
    }
  }
  await Promise.all(Array.from({length: AT_ONCE}, askOn))
  return {found, trouble}
}

/** A path belongs to the target, over HTTP where the target speaks WebSocket. */
function addressOf(url: string, target: string): string {
  const base = target.replace(/^ws/, 'http')
  if (!URL.canParse(url, base)) throw new UsageError(`the history's address makes no URL: ${url}`)
  return new URL(url, base).href
}
