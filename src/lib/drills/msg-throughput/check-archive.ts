/** Reads the archive of a target, by SQL or over HTTP, and holds it against what was accepted. */
import {UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import {textReader} from '../../protocols/http/get-text.js'
import {textsOf} from '../../protocols/postgres/texts.js'
import {compileTemplate} from '../../protocols/template.js'
import {httpUrlOf} from '../../targets/profile/url.js'
import {pinnedLookup} from '../../targets/safety/pinned-lookup.js'
import type {Kit} from '../drill.js'
import {searchArchive, type ArchiveFacts} from './archive.js'
import type {MsgThroughputPlan} from './plan.js'
import type {WorkerAccount} from './share.js'

interface Settled {
  readonly accounts: readonly WorkerAccount[]
  readonly lastDueMs: Ms
}

const PAGE_PATIENCE: Ms = 20_000
const LARGEST_PAGE = 256 * 1024 * 1024

/** Undefined where no archive is to be checked. */
export async function checkArchive(
  plan: MsgThroughputPlan,
  kit: Kit,
  {accounts, lastDueMs}: Settled,
): Promise<ArchiveFacts | undefined> {
  const {archive} = plan
  if (!archive) return undefined
  kit.note({phase: 'settle', text: 'looking through the archive'})
  return await searchArchive({
    runId: kit.runId,
    clock: kit.clock,
    signal: kit.signal,
    accepted: accounts.flatMap(({accepted}) => accepted),
    lastDueMs,
    withinMs: archive.withinMs,
    texts: () => (isUrl(archive.source) ? pagesOf(archive.source, plan, kit) : rowsOf(archive.source, kit)),
  })
}

function isUrl(source: string): boolean {
  return /^(https?:\/\/|\/)/i.test(source)
}

function rowsOf(sql: string, {target}: Kit): AsyncIterable<Buffer> {
  const {store, services} = target.profile
  const urls = target.urls.every((url) => url.startsWith('postgres'))
    ? target.urls
    : (store?.shards ?? (services.postgres === undefined ? [] : [services.postgres]))
  if (urls.length === 0)
    throw new UsageError(
      '--archive-check by SQL needs a database: add store.shards or services.postgres to the profile',
    )
  return textsOf(urls, sql, target.tls)
}

/** One page, or one for each room where the URL names {{room}}; a path is on the target. */
async function* pagesOf(source: string, {layout}: MsgThroughputPlan, {target, runId}: Kit): AsyncIterable<Buffer> {
  const url = compileTemplate(source, ['room', 'run'])
  const name = compileTemplate(target.profile.names.room, ['run', 'n'])
  const {allowed, tls} = target
  await using pages = textReader({
    headers: {...target.profile.headers, ...target.headers},
    timeoutMs: PAGE_PATIENCE,
    atMost: LARGEST_PAGE,
    lookup: pinnedLookup(allowed),
    ...tls,
  })
  const rooms = url.names.includes('room') ? layout.rooms : 1
  for (let room = 0; room < rooms; room++) {
    const filled = url.fillUrl({room: name.fill({run: runId, n: room}), run: runId})
    yield await pages.read(new URL(filled, httpUrlOf(target.urls[0] ?? '')).href)
  }
}
