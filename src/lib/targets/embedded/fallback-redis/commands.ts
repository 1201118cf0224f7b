/** Every command that the in-process Redis offers, as data. What is not here is refused by name. */
import type {KeyType} from './store.js'

/** Who does it: ioredis-mock, our own correction of it, or the connection (pub/sub, transactions, scripts, clients). */
export type Doer = 'mock' | 'own' | 'session'

/** Which arguments are keys that must hold `type`: the first one, the first two, all, or all but the first. */
export type Keys = 'none' | 'first' | 'two' | 'all' | 'rest'

export interface CommandSpec {
  readonly name: string
  /** Number of words with the command's name; negative: at least so many. */
  readonly arity: number
  /** `any`: whatever the keys hold. */
  readonly type: KeyType | 'any'
  readonly keys: Keys
  /** Held by CLIENT PAUSE WRITE. */
  readonly writes: boolean
  readonly doer: Doer
}

type Row = readonly [names: string, arity: number, access: 'reads' | 'writes', doer: Doer, keys?: Keys]

const ROWS: Readonly<Record<KeyType | 'any', readonly Row[]>> = {
  any: [
    ['dbsize', 1, 'reads', 'mock'],
    ['del unlink', -2, 'writes', 'own'],
    ['exists touch', -2, 'reads', 'own'],
    ['expire pexpire expireat pexpireat', -3, 'writes', 'own'],
    ['expiretime pexpiretime pttl ttl', 2, 'reads', 'own'],
    ['flushall flushdb', -1, 'writes', 'own'],
    ['keys', 2, 'reads', 'own'],
    ['mget', -2, 'reads', 'own'],
    ['mset msetnx', -3, 'writes', 'own'],
    ['persist', 2, 'writes', 'mock'],
    ['randomkey', 1, 'reads', 'mock'],
    ['rename renamenx', 3, 'writes', 'own'],
    ['scan', -2, 'reads', 'own'],
    ['set', -3, 'writes', 'own'],
    ['setex psetex', 4, 'writes', 'own'],
    ['setnx', 3, 'writes', 'mock'],
    ['type', 2, 'reads', 'own'],
    ['auth select', -2, 'reads', 'session'],
    ['blpop brpop', -3, 'writes', 'session', 'none'],
    ['client', -2, 'reads', 'session'],
    ['command', -1, 'reads', 'session'],
    ['discard exec multi unwatch quit time', 1, 'reads', 'session'],
    ['echo', 2, 'reads', 'mock'],
    ['eval evalsha', -3, 'writes', 'session'],
    ['info ping', -1, 'reads', 'session'],
    ['psubscribe subscribe', -2, 'reads', 'session'],
    ['publish', 3, 'writes', 'session'],
    ['pubsub script', -2, 'reads', 'session'],
    ['punsubscribe unsubscribe', -1, 'reads', 'session'],
    ['watch', -2, 'reads', 'session'],
  ],
  string: [
    ['append getset', 3, 'writes', 'mock', 'first'],
    ['decr incr', 2, 'writes', 'own', 'first'],
    ['decrby incrby incrbyfloat', 3, 'writes', 'own', 'first'],
    ['get strlen', 2, 'reads', 'mock', 'first'],
    ['getbit', 3, 'reads', 'mock', 'first'],
    ['getdel', 2, 'writes', 'mock', 'first'],
    ['getex', -2, 'writes', 'own', 'first'],
    ['getrange', 4, 'reads', 'own', 'first'],
    ['setbit', 4, 'writes', 'mock', 'first'],
    ['setrange', 4, 'writes', 'own', 'first'],
  ],
  hash: [
    ['hdel', -3, 'writes', 'mock', 'first'],
    ['hexists hget hstrlen', 3, 'reads', 'mock', 'first'],
    ['hgetall hkeys hlen hvals', 2, 'reads', 'mock', 'first'],
    ['hincrby hincrbyfloat', 4, 'writes', 'own', 'first'],
    ['hmget', -3, 'reads', 'mock', 'first'],
    ['hmset hset', -4, 'writes', 'own', 'first'],
    ['hscan', -3, 'reads', 'own', 'first'],
    ['hsetnx', 4, 'writes', 'mock', 'first'],
  ],
  list: [
    ['blmove', 6, 'writes', 'session', 'two'],
    ['brpoplpush', 4, 'writes', 'session', 'two'],
    ['lindex', 3, 'reads', 'own', 'first'],
    ['linsert', 5, 'writes', 'own', 'first'],
    ['llen', 2, 'reads', 'mock', 'first'],
    ['lmove', 5, 'writes', 'own', 'two'],
    ['lpop rpop', -2, 'writes', 'own', 'first'],
    ['lpush rpush', -3, 'writes', 'mock', 'first'],
    ['lpushx rpushx', -3, 'writes', 'own', 'first'],
    ['lrange', 4, 'reads', 'own', 'first'],
    ['lrem lset', 4, 'writes', 'own', 'first'],
    ['ltrim', 4, 'writes', 'own', 'first'],
    ['rpoplpush', 3, 'writes', 'mock', 'two'],
  ],
  set: [
    ['sadd srem', -3, 'writes', 'mock', 'first'],
    ['scard smembers', 2, 'reads', 'mock', 'first'],
    ['sdiff sinter sunion', -2, 'reads', 'mock', 'all'],
    ['sdiffstore sinterstore sunionstore', -3, 'writes', 'own', 'rest'],
    ['sismember', 3, 'reads', 'mock', 'first'],
    ['smismember', -3, 'reads', 'mock', 'first'],
    ['smove', 4, 'writes', 'own', 'two'],
    ['spop', -2, 'writes', 'own', 'first'],
    ['srandmember', -2, 'reads', 'own', 'first'],
    ['sscan', -3, 'reads', 'own', 'first'],
  ],
  zset: [
    ['zadd', -4, 'writes', 'own', 'first'],
    ['zcard', 2, 'reads', 'own', 'first'],
    ['zcount', 4, 'reads', 'own', 'first'],
    ['zincrby', 4, 'writes', 'own', 'first'],
    ['zmscore', -3, 'reads', 'own', 'first'],
    ['zpopmax zpopmin', -2, 'writes', 'own', 'first'],
    ['zrange zrangebylex zrangebyscore', -4, 'reads', 'own', 'first'],
    ['zrevrange zrevrangebylex zrevrangebyscore', -4, 'reads', 'own', 'first'],
    ['zrank zrevrank zscore', 3, 'reads', 'own', 'first'],
    ['zrem', -3, 'writes', 'own', 'first'],
    ['zremrangebylex zremrangebyrank zremrangebyscore', 4, 'writes', 'own', 'first'],
    ['zscan', -3, 'reads', 'own', 'first'],
  ],
}

/** Name in lower case to what is known of it. */
export const COMMANDS: ReadonlyMap<string, CommandSpec> = new Map(
  Object.entries(ROWS).flatMap(([type, rows]) => rows.flatMap((row) => specsOf(type as KeyType | 'any', row))),
)

function specsOf(type: KeyType | 'any', [names, arity, access, doer, keys]: Row): [string, CommandSpec][] {
  const shared = {arity, type, keys: keys ?? 'none', writes: access === 'writes', doer}
  return names.split(' ').map((name) => [name, {name, ...shared}])
}

/** Why a command is not done. */
export function refusal(name: string): string {
  return `ERR ${name.toUpperCase().slice(0, 128)} is not offered by the in-process Redis: it needs a real redis-server`
}
