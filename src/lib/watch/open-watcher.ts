/** Makes the watcher of each kind of system. */
import type {WatchSpec} from './spec.js'
import {watchPostgres} from './watch-postgres.js'
import {watchPrometheus} from './watch-prometheus.js'
import {watchRabbitMq} from './watch-rabbitmq.js'
import {watchRedis} from './watch-redis.js'
import {watchProcess} from './process/watch-process.js'
import type {Watcher, WatcherKit} from './watcher.js'

/** Connects at its first look. */
export type OpenWatcher = (spec: WatchSpec, kit: WatcherKit) => Watcher

export const openWatcher: OpenWatcher = (spec, kit) => {
  switch (spec.kind) {
    case 'process':
      return watchProcess(spec, kit)
    case 'postgres':
      return watchPostgres(spec, kit)
    case 'redis':
      return watchRedis(spec, kit)
    case 'rabbitmq':
      return watchRabbitMq(spec, kit)
    case 'prometheus':
      return watchPrometheus(spec, kit)
  }
}
