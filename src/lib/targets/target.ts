/** Who is put under load, as a drill may know it: a profile, and where it answers. */
import type {Profile} from './profile/schema.js'

export interface Target {
  readonly kind: 'practice' | 'external'
  /** For the report; secrets already removed. */
  readonly description: string
  /** One base URL a node. */
  readonly urls: readonly string[]
  readonly profile: Profile
}
