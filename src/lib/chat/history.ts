/** Asks the target's history for what did not arrive live: what it holds was recovered, not saved from being lost. */
import {UsageError} from '../base/errors.js'
import type {WorkerKit} from '../load/worker-kit.js'
import {textReader} from '../protocols/http/get-text.js'
import {StampReader} from '../protocols/stamp.js'
import {compileTemplate} from '../protocols/template.js'
import {WHO} from '../protocols/websocket/dialect.js'
import {pinnedLookup} from '../targets/safety/pinned-lookup.js'
import type {Identities} from './identities.js'
import {rostersOf} from './people.js'
import {hasRoom, roomStart} from './roster.js'
import type {Seating} from './share.js'

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

/** Reads the history of some rooms, each once; undefined when there are none, or the target has no history. */
export async function askHistory(
  seating: Pick<Seating, 'people' | 'target'>,
  {runId}: Pick<WorkerKit, 'runId'>,
  {identities, rooms}: {identities: Identities; rooms: Iterable<number>},
): Promise<HistoryAnswer | undefined> {
  const page = pageReader(seating, identities)
  const left = [...new Set(rooms)]
  if (!page || left.length === 0) return undefined
  const stamps = new StampReader(runId)
  const found = new Set<string>()
  let trouble: string | undefined
  let failures = 0
  const askOn = async (): Promise<void> => {
    for (let room = left.shift(); room !== undefined && failures < PATIENCE; room = left.shift()) {
      try {
        const stamp = (publisher: number, sequence: number): unknown => found.add(messageKey(publisher, sequence))
        stamps.read(await page(room), {stamp, broken: () => undefined})
        failures = 0
      } catch (error) {
        failures++
        trouble = error instanceof Error ? error.message : String(error)
      }
    }
  }
  await Promise.all(Array.from({length: AT_ONCE}, askOn))
  return {found, trouble}
}

/** Reads a room's page as its first member; undefined when the target has no history. */
export function pageReader(
  {people, target}: Pick<Seating, 'people' | 'target'>,
  identities: Identities,
): ((room: number) => Promise<Buffer>) | undefined {
  const {profile, tls, headers, allowed} = target
  const {history} = profile
  if (!history) return undefined
  const url = compileTemplate(history.url, WHO)
  const rosters = rostersOf(people)
  const own = Object.entries({...profile.headers, ...headers, ...history.headers})
  return async (room) => {
    const who = identities.who(firstIn(rosters, room))
    const filled = Object.fromEntries(own.map(([name, value]) => [name, compileTemplate(value, WHO).fill(who)]))
    const reading = {
      headers: filled,
      timeoutMs: TIMEOUT_MS,
      atMost: LARGEST_PAGE,
      lookup: pinnedLookup(allowed),
      ...tls,
    }
    await using pages = textReader(reading)
    return await pages.read(addressOf(url.fillUrl(who), target.urls[0] ?? ''))
  }
}

/** A path belongs to the target, over HTTP where the target speaks WebSocket. */
function addressOf(url: string, target: string): string {
  const base = target.replace(/^ws/, 'http')
  if (!URL.canParse(url, base)) throw new UsageError(`the history's address makes no URL: ${url}`)
  return new URL(url, base).href
}

function firstIn(rosters: ReturnType<typeof rostersOf>, room: number): number {
  return roomStart(rosters.find((roster) => hasRoom(roster, room)) ?? rosters[0], room)
}
