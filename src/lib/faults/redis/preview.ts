/** Who a Redis says it is, and whom a fault would hit; read before anything is harmed. */
import type {FaultPreview} from '../fault.js'
import type {RedisClient} from './clients.js'
import type {RedisControl} from './control.js'

/** INFO may be refused: then the server stays without a version. */
export async function previewOf(
  control: RedisControl,
  url: string,
  hit: readonly RedisClient[],
): Promise<FaultPreview> {
  const info = String(await control.call('INFO').catch(() => ''))
  return {server: `${serverWords(info)} at ${control.place} as ${userOf(url)}`, hits: clientWords(hit)}
}

/** `Redis 7.0.15`, `Valkey 8.0.1`, `Redis 7.0.15 (replica)`. */
function serverWords(info: string): string {
  const of = (key: string) => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const valkey = of('valkey_version')
  const name = valkey === undefined ? `Redis ${of('redis_version') ?? 'of unknown version'}` : `Valkey ${valkey}`
  return of('role') === 'slave' ? `${name} (replica)` : name
}

function userOf(url: string): string {
  const {username} = new URL(url)
  return username === '' ? 'default' : decodeURIComponent(username)
}

/** Sentinels ask their master over ordinary connections, and fail over when these stay away. */
function clientWords(hit: readonly RedisClient[]): string {
  const sentinels = hit.filter(({name}) => name.startsWith('sentinel-')).length
  const words = `${hit.length} client${hit.length === 1 ? '' : 's'}`
  return sentinels === 0 ? words : `${words}, of which ${sentinels} of Sentinel: it may fail over`
}
