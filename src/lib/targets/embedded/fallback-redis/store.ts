/** The keyspace: what ioredis-mock reads and writes, kept here so that replies, watches and waiters see every change. */

export type KeyType = 'string' | 'hash' | 'list' | 'set' | 'zset'
export type Stored = string | string[] | Set<string> | Map<string, number> | Record<string, string>

/** Civil time in ms, on a clock that never jumps. */
export function epochMs(): number {
  return Math.floor(performance.timeOrigin + performance.now())
}

/** Live values: a reader must not change what it gets unless it writes it back. */
export class Store {
  #values = new Map<string, Stored>()
  #deadlines = new Map<string, number>()
  /** Written by the command that runs now. */
  readonly #touched = new Set<string>()
  readonly #written = new Set<string>()

  get(key: string): Stored | undefined {
    return this.has(key) ? this.#values.get(key) : undefined
  }

  has(key: string): boolean {
    this.endIfDue(key)
    return this.#values.has(key)
  }

  /** Deletes the key when its time is over; answers whether it did. */
  endIfDue(key: string): boolean {
    const deadline = this.#deadlines.get(key)
    if (deadline === undefined || deadline > epochMs()) return false
    return this.delete(key)
  }

  /** Keeps the deadline of the key; a plain object becomes one without a prototype, so that any field name works. */
  set(key: string, value: Stored): void {
    this.#values.set(key, isPlainHash(value) ? withoutPrototype(value) : value)
    this.#touched.add(key)
  }

  delete(key: string): boolean {
    this.#deadlines.delete(key)
    this.#touched.add(key)
    return this.#values.delete(key)
  }

  clear(): void {
    for (const key of this.#values.keys()) this.#touched.add(key)
    this.#values = new Map()
    this.#deadlines = new Map()
  }

  /** All keys that live now, in the order of their making. */
  keys(): string[] {
    return [...this.#values.keys()].filter((key) => this.has(key))
  }

  typeOf(key: string): KeyType | 'none' {
    const value = this.get(key)
    if (value === undefined) return 'none'
    if (typeof value === 'string') return 'string'
    if (Array.isArray(value)) return 'list'
    if (value instanceof Set) return 'set'
    return value instanceof Map ? 'zset' : 'hash'
  }

  /** Epoch ms at which the key ends; undefined when it stays. */
  deadline(key: string): number | undefined {
    return this.has(key) ? this.#deadlines.get(key) : undefined
  }

  /** A deadline that has passed deletes the key. */
  expireAt(key: string, deadline: number | undefined): void {
    if (!this.has(key)) return
    this.#touched.add(key)
    if (deadline === undefined) this.#deadlines.delete(key)
    else this.#deadlines.set(key, deadline)
    this.endIfDue(key)
  }

  /** Ends a command: collections that became empty go. */
  settle(): void {
    for (const key of this.#touched) {
      const value = this.#values.get(key)
      if (value !== undefined && isEmpty(value)) {
        this.#values.delete(key)
        this.#deadlines.delete(key)
      }
      this.#written.add(key)
    }
    this.#touched.clear()
  }

  /** The keys that settled since the last time of asking. */
  takeWritten(): readonly string[] {
    if (this.#written.size === 0) return []
    const written = [...this.#written]
    this.#written.clear()
    return written
  }

  get size(): number {
    return this.keys().length
  }

  get withDeadline(): number {
    return this.#deadlines.size
  }
}

function withoutPrototype(hash: Readonly<Record<string, string>>): Record<string, string> {
  return Object.assign(Object.create(null) as Record<string, string>, hash)
}

function isPlainHash(value: Stored): value is Record<string, string> {
  return typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
}

function isEmpty(value: Stored): boolean {
  if (typeof value === 'string') return false
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof Set || value instanceof Map) return value.size === 0
  for (const _ in value) return false
  return true
}
