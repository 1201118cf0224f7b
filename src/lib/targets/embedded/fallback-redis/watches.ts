/** WATCH: remembers who must not EXEC when a key was written in between. */
import type {Connection} from './connection.js'
import type {Store} from './store.js'

export class Watches {
  readonly #watchers = new Map<string, Set<Connection>>()

  constructor(private readonly store: Store) {}

  watch(connection: Connection, keys: readonly string[]): void {
    for (const key of keys) {
      const watchers = this.#watchers.get(key) ?? new Set()
      this.#watchers.set(key, watchers.add(connection))
      connection.watched.add(key)
    }
  }

  unwatch(connection: Connection): void {
    for (const key of connection.watched) {
      const watchers = this.#watchers.get(key)
      watchers?.delete(connection)
      if (watchers?.size === 0) this.#watchers.delete(key)
    }
    connection.watched.clear()
    connection.watchBroken = false
  }

  /** These keys were written. */
  written(keys: readonly string[]): void {
    if (this.#watchers.size === 0) return
    for (const key of keys) {
      for (const watcher of this.#watchers.get(key) ?? []) watcher.watchBroken = true
    }
  }

  /** Whether a watched key was written, or has run out of time, since it was watched. */
  isBroken(connection: Connection): boolean {
    for (const key of connection.watched) {
      if (this.store.endIfDue(key)) connection.watchBroken = true
    }
    return connection.watchBroken
  }
}
