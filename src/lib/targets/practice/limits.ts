/** What one practice node lets a client or a link do, in one place. */

/** Largest frame that a client may send, in bytes; ws closes the connection with 1009 beyond it. */
export const MAX_FRAME_BYTES = 64 * 1024
/** Output that may wait for one slow receiver, in bytes, before it is closed with 1013. */
export const MAX_UNSENT_BYTES = 1024 * 1024
/** Rooms that one connection may be in. */
export const MAX_ROOMS_PER_MEMBER = 256
/** Members that a room may have on all nodes together, unless the target is told otherwise. */
export const ROOM_CAP = 1000
/** How long a connection may be silent both ways, in ms, before it is closed, unless the target is told otherwise. */
export const IDLE_MS = 300_000
/** How long after its last sign of life a node's seats are still counted, in ms. */
export const NODE_LIFE_MS = 15_000
/** Longest room or user name, in characters. */
export const MAX_NAME_LENGTH = 128
/** Messages that may wait for Postgres or Redis on one node; beyond it they are refused. */
export const MAX_PENDING_MESSAGES = 100_000
/** Messages in one insert. */
export const MAX_BATCH = 2000
/** Between two inserts that follow each other, in ms. */
export const LINGER_MS = 8
/** Handshakes that the kernel keeps while the node is busy. */
export const LISTEN_BACKLOG = 4096
/** How long a room stays subscribed after its last member left, in ms. */
export const EMPTY_ROOM_LINGER_MS = 5000
/** How long Redis or Postgres may take for one command, in ms. */
export const COMMAND_TIMEOUT_MS = 5000
/** How long a new link, or the one insert that is under way, may take before it is tried anew, in ms. */
export const LINK_TIMEOUT_MS = 2000
/** How long a message is held while Postgres is away, in ms, before its sender is told that it is not stored. */
export const HOLD_MS = 10_000
/** How long it takes before something is tried again, in ms: at random, at first up to `baseMs`, then doubling up to `capMs`. */
export const BACKOFF = {baseMs: 50, capMs: 400} as const
/** Messages on their way to Redis that are not confirmed yet. */
export const MAX_UNCONFIRMED = 20_000
/** Missed messages in one page of the history. */
export const MISSED_PAGE = 2000
/** Deliveries of missed messages in one turn of the event loop. */
export const DELIVERIES_A_TURN = 5000
/** Messages that one history page may carry, and does when nothing is asked. */
export const HISTORY_LIMIT = {most: 10_000, usual: 100} as const
/** Largest HTTP request body, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024
/** How often the node that leads a shard looks after it, in ms. */
export const CARE_EVERY_MS = 250
/** Messages that are archived at once, more or less. */
export const ARCHIVE_BATCH = 5000
/** Partitions of one shard: rows that one should hold, bounds of its length, and how many there are ahead of time. */
export const PARTITION = {rows: 30_000, shortestMs: 2000, longestMs: 10_000, ahead: 2} as const
