/** Every fault as data: who puts it right again, what it acts on, what it takes, and what it needs to be allowed. */
import type {FaultDefinition} from './definition.js'
import {NET_FAULTS} from './net/catalogue.js'

const share = {kind: 'share', usual: '100%', positive: true, meaning: 'of those that fit, drawn by the seed'} as const

const REDIS_WHO = {
  user: {kind: 'text', meaning: 'only clients of this ACL user'},
  address: {kind: 'text', meaning: 'only the client at this address and port'},
} as const

const POSTGRES_WHO = {
  application: {kind: 'text', meaning: 'only sessions with this application_name'},
  user: {kind: 'text', meaning: 'only sessions of this role'},
  address: {kind: 'text', meaning: 'only sessions from this client address'},
} as const

const SIGNAL_BACKEND = 'the role of the sessions, or pg_signal_backend; superuser for sessions of superusers'

const DIRECT_FAULTS = {
  'redis.disconnect': {
    class: 'self-expiring',
    needs: 'redis',
    lasts: true,
    meaning: 'Cuts every client of the server off and keeps it off.',
    privilege: '+client|kill +client|pause',
    parameters: {},
  },
  'redis.kill': {
    class: 'one-shot',
    needs: 'redis',
    lasts: false,
    meaning: 'Closes client connections once; they may come back at once.',
    privilege: '+client|kill +client|list',
    parameters: {
      type: {kind: 'choice', choices: ['normal', 'pubsub', 'all'], usual: 'normal', meaning: 'the kind of clients'},
      ...REDIS_WHO,
      share,
    },
  },
  'redis.pause-write': {
    class: 'self-expiring',
    needs: 'redis',
    lasts: true,
    meaning: 'Holds every write and publish back; reads go on.',
    privilege: '+client|pause +client|unpause',
    parameters: {},
  },
  'redis.max-clients': {
    class: 'sticky',
    needs: 'redis',
    lasts: true,
    meaning: 'Lowers maxclients, so that new connections are refused.',
    privilege: '+config|get +config|set',
    parameters: {limit: {kind: 'count', usual: '1', positive: true, meaning: 'clients that the server takes'}},
  },
  'pg.disconnect': {
    class: 'session-scoped',
    needs: 'postgres',
    lasts: true,
    meaning: 'Ends the sessions and keeps the freed slots filled, so that nobody comes back.',
    privilege: SIGNAL_BACKEND,
    parameters: POSTGRES_WHO,
  },
  'pg.terminate': {
    class: 'one-shot',
    needs: 'postgres',
    lasts: false,
    meaning: 'Ends sessions once; they may come back at once.',
    privilege: SIGNAL_BACKEND,
    parameters: {...POSTGRES_WHO, share},
  },
  'pg.cancel': {
    class: 'one-shot',
    needs: 'postgres',
    lasts: false,
    meaning: 'Cancels the statements that run at that moment.',
    privilege: SIGNAL_BACKEND,
    parameters: {...POSTGRES_WHO, share},
  },
  'pg.lock-table': {
    class: 'session-scoped',
    needs: 'postgres',
    lasts: true,
    meaning: 'Locks a table against everybody, readers too.',
    privilege: 'UPDATE, DELETE or TRUNCATE on the table, or its owner',
    parameters: {table: {kind: 'text', required: true, meaning: 'the table, with its schema where it needs one'}},
  },
  'pg.exhaust': {
    class: 'session-scoped',
    needs: 'postgres',
    lasts: true,
    meaning: 'Opens connections until the server takes no more.',
    privilege: 'CONNECT',
    parameters: {leave: {kind: 'count', usual: '0', meaning: 'connections to leave free'}},
  },
  'pg.read-only': {
    class: 'sticky',
    needs: 'postgres',
    lasts: true,
    meaning: 'Makes new sessions of the database read-only, and ends the old ones.',
    privilege: 'owner of the database; pg_signal_backend',
    parameters: {},
  },
  'pg.connection-limit': {
    class: 'sticky',
    needs: 'postgres',
    lasts: true,
    meaning: 'Limits the connections of the database; those that are open stay.',
    privilege: 'owner of the database',
    parameters: {limit: {kind: 'count', usual: '0', meaning: 'connections that the database takes'}},
  },
  'node.kill': {
    class: 'one-shot',
    needs: 'node',
    lasts: 'optional',
    meaning: "Ends a process of the target, or runs its inject command; with 'for' its revert command brings it back.",
    privilege: 'to signal the process: its user, or root',
    parameters: {
      node: {kind: 'text', required: true, meaning: 'the name of a node of the profile'},
      signal: {kind: 'choice', choices: ['KILL', 'TERM', 'INT'], usual: 'KILL', meaning: 'what the process is sent'},
    },
  },
  'node.pause': {
    class: 'sticky',
    needs: 'node',
    lasts: true,
    meaning: 'Stops a process of the target without ending it, or runs its inject command, and lets it go on.',
    privilege: 'to signal the process: its user, or root',
    parameters: {node: {kind: 'text', required: true, meaning: 'the name of a node of the profile'}},
  },
} as const satisfies Readonly<Record<string, FaultDefinition>>

/** By name, in the order in which they are listed. */
export const FAULTS: Readonly<Record<string, FaultDefinition>> = Object.freeze({...DIRECT_FAULTS, ...NET_FAULTS})

export const FAULT_NAMES: readonly string[] = Object.freeze(Object.keys(FAULTS))
