/** The target profile, `proofload.yaml`: what may be written in it, and what it means once it is read. */
import {z} from 'zod'
import {
  type Guarantees,
  guaranteesSchema,
  historySchema,
  type Protocol,
  protocolSchema,
} from '../../protocols/websocket/protocol.js'
import {authSchema, type Auth} from '../auth/schema.js'
import {requestSchema, type RequestSpec} from '../requests/schema.js'

const name = z.string().min(1)

const redisUrl = z.string().regex(/^rediss?(\+(cluster|sentinel))?:\/\/./, 'must be a redis:// or rediss:// URL')
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\/./, 'must be a postgres:// URL')
const rabbitmqUrl = z.string().regex(/^amqps?:\/\/./, 'must be an amqp:// or amqps:// URL')

const servicesSchema = z.strictObject({
  redis: redisUrl.optional().describe("The target's Redis, e.g. redis://user:password@host:6379/0."),
  postgres: postgresUrl.optional().describe("The target's Postgres, e.g. postgres://user:password@host:5432/database."),
  rabbitmq: rabbitmqUrl.optional().describe("The target's RabbitMQ, e.g. amqp://user:password@host:5672."),
})

const command = z.array(name).min(1, 'names no program')

const storeSchema = z.strictObject({
  shards: z.array(postgresUrl).min(1, 'names no shard').describe('URLs of the databases that hold the messages.'),
  bodies: name.describe("A SELECT that yields the messages' texts on each shard, e.g. select body from messages."),
})

const nodeSchema = z
  .strictObject({
    name: name.describe('How faults call it: node.pause(node=NAME).'),
    pid: z.int().optional().describe('Id of its process on this machine.'),
    inject: command.optional().describe('What breaks it instead of a signal: a program and its arguments, no shell.'),
    revert: command.optional().describe('What mends it again: a program and its arguments, no shell.'),
  })
  .refine(({pid, inject}) => pid !== undefined || inject !== undefined, "must have a 'pid' or an 'inject' command")

const proxySchema = z.strictObject({
  api: name.describe('URL of the Toxiproxy API that knows it, e.g. http://127.0.0.1:8474.'),
})

const namesSchema = z.strictObject({
  room: name.optional().describe("A room's name; {{run}} and {{n}} are filled in. Default: proofload-{{run}}-{{n}}."),
  user: name.optional().describe("A user's name; {{run}} and {{n}} are filled in. Default: user-{{n}}."),
})

/** proofload.yaml as it is written. */
export const profileSchema = z.strictObject({
  targets: z
    .array(name)
    .min(1, 'names no target')
    .describe('Base URLs, one for each node, e.g. wss://chat-1.staging.example.'),
  environment: name
    .optional()
    .describe("Free text, e.g. staging; 'production' and the like ask for --allow-production."),
  protocol: z
    .union([name, protocolSchema])
    .describe('Name of a protocol that proofload ships, path of a YAML file (from this file), or the protocol itself.'),
  names: namesSchema.optional().describe('How rooms and users are called.'),
  auth: authSchema.optional().describe('How a virtual user gets its {{token}}. Default: mode none.'),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Headers of each request and handshake; templates over {{user}}, {{room}} and {{token}}.'),
  history: historySchema.optional().describe("Where a room's messages can be read again; stands above the protocol's."),
  setup: z
    .array(requestSchema)
    .optional()
    .describe('Requests before the load, in their order, e.g. to make rooms and memberships.'),
  teardown: z
    .array(requestSchema)
    .optional()
    .describe('Requests after the load, in their order, whatever became of it, e.g. to remove rooms again.'),
  guarantees: guaranteesSchema.optional().describe("What the target promises; each stands above the protocol's."),
  services: servicesSchema.optional().describe('Services behind the target, to be watched and disturbed.'),
  store: storeSchema
    .optional()
    .describe('Where the target keeps its messages; msg-throughput looks there how evenly they lie, and for archives.'),
  nodes: z.array(nodeSchema).optional().describe('Processes of the target that node.kill and node.pause may disturb.'),
  proxies: z
    .record(name, proxySchema)
    .optional()
    .describe('Fault proxies between the parts of the target, by the name they have in their API.'),
  allowHosts: z
    .array(name)
    .optional()
    .describe('Hosts that may be put under load: a host, *.a.domain, an IP address or a CIDR.'),
  thresholds: z
    .array(name)
    .optional()
    .describe("Rules that replace or join a drill's own, e.g. p99(delivery_latency) < 200ms."),
})

/** proofload.yaml as it is written, when it is right. */
export type ProfileText = z.infer<typeof profileSchema>

type History = z.infer<typeof historySchema>

type Services = z.infer<typeof servicesSchema>

type Node = z.infer<typeof nodeSchema>

type Store = z.infer<typeof storeSchema>

type Proxy = z.infer<typeof proxySchema>

/** A profile with everything filled in; JSON-printable, so that workers can be handed it. It may hold secrets, so it is never printed. */
export interface Profile {
  /** The file's name without its ending, or the protocol's name. */
  readonly name: string
  /** Base URLs, one a node; empty until a practice target has started. */
  readonly targets: readonly string[]
  readonly environment?: string
  readonly protocol: Protocol
  /** Templates over run and n. */
  readonly names: {readonly room: string; readonly user: string}
  readonly auth: Auth
  readonly headers: Readonly<Record<string, string>>
  readonly history?: History
  readonly setup: readonly RequestSpec[]
  readonly teardown: readonly RequestSpec[]
  readonly guarantees: Guarantees
  readonly services: Services
  readonly store?: Store
  readonly nodes: readonly Node[]
  readonly proxies: Readonly<Record<string, Proxy>>
  readonly allowHosts: readonly string[]
  readonly thresholds: readonly string[]
}
