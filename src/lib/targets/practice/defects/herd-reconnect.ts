/** Reconnects to Redis without backoff or jitter, and hands the herd on: a share of the users is closed at the moment when Redis is back. */
import type {Ms, Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

/** RFC 6455's registry: the service is restarted. */
const SERVICE_RESTART = 1012
/** A real tight loop would take up this host's ports. */
const HASTE_MS: Ms = 10

export function herdReconnect(share: Share, {random, members}: DefectKit): Defect {
  return {
    reconnectDelay: () => HASTE_MS,
    redisBack() {
      for (const member of members()) if (random.next() < share) member.close(SERVICE_RESTART, 'service restart')
    },
  }
}
