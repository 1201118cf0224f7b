/** Clients of ioredis that neither queue nor repeat anything behind our back. */
import {isIP} from 'node:net'
import {Cluster, Redis, type ClusterOptions, type RedisOptions} from 'ioredis'
import type {Ms} from '../../base/units.js'
import {type Certificates, tlsOptions} from '../tls.js'
import type {RedisAddress} from './address.js'

export type RedisClient = Redis | Cluster

export interface ConnectOptions {
  readonly address: RedisAddress
  readonly tls: Certificates
  readonly timeoutMs: Ms
  /** How long to wait before a link that was lost, or not made, is tried again; null: it is not. */
  retryDelay(): Ms | null
}

/** A half-open connection does not answer our FIN. */
const FAREWELL: Ms = 50

/**
 * A client that connects when it is told to. How its commands end, with these options (ioredis 5.11):
 * - the server's answer, or a ReplyError: it was not done;
 * - `Stream isn't writeable…`: the link was down, nothing was sent;
 * - MaxRetriesPerRequestError, or `Connection is closed.`: the link was lost after sending.
 * Nothing is sent twice, but for what a cluster redirects to another node, and so has not done.
 * No `connectionName`: a link that is cut before that is answered would count as ready for ever, and never be made again.
 */
export function connectRedis(options: ConnectOptions): RedisClient {
  const {address} = options
  const [first] = address.hosts
  const common = commonOptions(options)
  if (address.kind === 'cluster') return cluster(options, common)
  if (address.kind === 'server')
    return new Redis({...common, ...first, ...(address.tls ? secure(options, first?.host) : {})})
  return new Redis({
    ...common,
    sentinels: address.hosts.map((host) => ({...host})),
    name: address.master,
    sentinelRetryStrategy: common.retryStrategy,
    ...(address.tls ? {...secure(options), enableTLSForSentinelMode: true} : {}),
  })
}

function commonOptions(options: ConnectOptions): RedisOptions & {retryStrategy: () => Ms | null} {
  const {address, timeoutMs} = options
  return {
    lazyConnect: true,
    db: address.database,
    ...(address.username === undefined ? {} : {username: address.username}),
    ...(address.password === undefined ? {} : {password: address.password}),
    connectTimeout: timeoutMs,
    disconnectTimeout: FAREWELL,
    retryStrategy: () => options.retryDelay(),
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // What is under way fails as soon as the link is lost; the link itself is tried again.
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    // Its answer would be waited for before the link counts as ready.
    disableClientInfo: true,
  }
}

function cluster(options: ConnectOptions, common: ReturnType<typeof commonOptions>): Cluster {
  const {retryStrategy, enableOfflineQueue: _, ...redisOptions} = common
  const settings: ClusterOptions = {
    lazyConnect: true,
    redisOptions: {...redisOptions, ...(options.address.tls ? secure(options) : {})},
    clusterRetryStrategy: retryStrategy,
    // Nodes are connected when they are first needed, and what needs them waits for that.
    enableOfflineQueue: true,
    slotsRefreshTimeout: options.timeoutMs,
    // Only what a node says that it has not done goes on to another one.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 0,
  }
  return new Cluster(
    options.address.hosts.map((host) => ({...host})),
    settings,
  )
}

function secure({tls}: ConnectOptions, host = ''): Pick<RedisOptions, 'tls'> {
  return {tls: {...tlsOptions(tls), ...(host === '' || isIP(host) !== 0 ? {} : {servername: host})}}
}
