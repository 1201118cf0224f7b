/** Has ioredis mend a link again that was cut while the link was told our name. */
import type {Redis} from 'ioredis'

/**
 * With `connectionName` and without a ready check, ioredis up to 5.11 takes the dead socket for ready, and so refuses the next attempt to
 * connect, which it has set a timer for already: https://github.com/redis/ioredis/issues/2099
 */
export function keepMending(redis: Redis): void {
  redis.on('ready', () => {
    if (redis.stream.destroyed) redis.status = 'reconnecting'
  })
}
