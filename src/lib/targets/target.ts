/** Who is put under load, as a drill may know it: a profile, where it answers, and how one is let in. */
import type {AllowedTarget} from './safety/allow-list.js'
import type {Profile} from './profile/schema.js'

export interface Target {
  readonly kind: 'practice' | 'external'
  /** For the report; secrets already removed. */
  readonly description: string
  /** One base URL a node. */
  readonly urls: readonly string[]
  readonly profile: Profile
  /** From --header: added to every request and handshake, above the profile's. */
  readonly headers: Readonly<Record<string, string>>
  readonly tls: Tls
  /** The hosts that may be reached, with the addresses that were checked. */
  readonly allowed: readonly AllowedTarget[]
  /** Ends of `urls` that are reached over a fault proxy of ours, `10.0.0.7:443` by the `127.0.0.1:21500` at which it listens. */
  readonly detours?: Readonly<Record<string, string>>
}

/** PEM texts, already read. */
export interface Tls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Accept any certificate. */
  readonly insecure: boolean
}
