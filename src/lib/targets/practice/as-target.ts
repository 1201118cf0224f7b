/** The running practice target as a drill sees it. */
import {practiceProfile} from '../profile/load-profile.js'
import {checkHosts} from '../safety/allow-list.js'
import type {Target} from '../target.js'

/** @param services one line each, without secrets */
export async function asTarget(urls: readonly string[], services: readonly string[]): Promise<Target> {
  const profile = await practiceProfile(urls)
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
