/** The running practice target as a drill sees it. */
import {practiceProfile} from '../profile/load-profile.js'
import {checkHosts} from '../safety/allow-list.js'
import type {Target} from '../target.js'

/** What every message of the practice target lies in, on each shard. */
const BODIES = 'select body from messages'

interface Running {
  readonly urls: readonly string[]
  /** One line each, without secrets. */
  readonly services: readonly string[]
  /** URLs of its shards. */
  readonly stores: readonly string[]
}

export async function asTarget({urls, services, stores}: Running): Promise<Target> {
  const profile = {...(await practiceProfile(urls)), store: {shards: [...stores], bodies: BODIES}}
  const nodes = urls.length === 1 ? '1 node' : `${urls.length} nodes`
  return {
    kind: 'practice',
    description: ['practice target', nodes, ...services].join(', '),
    urls,
    profile,
    headers: {},
    tls: {insecure: false},
    allowed: await checkHosts(urls, {allowHosts: [], allowProduction: false}),
  }
}
