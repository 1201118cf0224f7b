/** A WebSocket protocol as data: the frames to open, join, publish, leave and keep alive, and how to recognise the answers. */
import {z} from 'zod'

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])

/** How to recognise a frame without parsing it; everything named must hold. */
const formSchema = z
  .strictObject({
    contains: oneOrMore.optional().describe('Text, or texts, that the frame must contain.'),
    startsWith: z.string().min(1).optional().describe('Text that the frame must begin with.'),
    equals: z.string().optional().describe('The whole frame.'),
  })
  .refine((matcher) => Object.keys(matcher).length > 0, 'say at least one of contains, startsWith, equals')
  .meta({id: 'form'})

export type FrameForm = z.infer<typeof formSchema>

/** A list means that any one of its forms will do. */
const matcherSchema = z.union([formSchema, z.array(formSchema).min(1)]).meta({id: 'frame'})

export type FrameMatcher = z.infer<typeof matcherSchema>

const template = z.string().min(1)

export const guaranteesSchema = z.strictObject({
  delivery: z
    .enum(['at-most-once', 'at-least-once', 'exactly-once'])
    .optional()
    .describe('What the target promises; at-least-once turns duplicates into a warning.'),
  order: z
    .enum(['sender', 'none'])
    .optional()
    .describe("sender: each member sees one sender's messages in their order."),
  echo: z.boolean().optional().describe('Whether the sender gets its own message back.'),
})

/** All of them, once defaults are filled in. */
export interface Guarantees {
  readonly delivery: 'at-most-once' | 'at-least-once' | 'exactly-once'
  readonly order: 'sender' | 'none'
  readonly echo: boolean
}

export const historySchema = z.strictObject({
  url: template.describe('Absolute, or a path on the target; {{room}}, {{user}}, {{token}} are filled in.'),
  headers: z.record(z.string(), template).optional(),
})

const httpPublishSchema = z.strictObject({
  method: z.enum(['POST', 'PUT', 'PATCH']).optional().describe('Default: POST.'),
  url: template
    .refine((url) => url.startsWith('/'), 'must be a path, which is on the host of the connection')
    .describe('A path on the host of the connection; a template like the body.'),
  headers: z.record(z.string(), template).optional().describe('Templates like the URL.'),
  body: z
    .union([template, z.record(z.string(), z.json())])
    .optional()
    .describe('A text, or an object that is sent as JSON; {{body}} carries the stamp and the payload.'),
})

export type HttpPublish = z.infer<typeof httpPublishSchema>

export const protocolSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and dashes'),
  about: z.string().optional(),
  support: z
    .enum(['supported', 'experimental'])
    .optional()
    .describe('supported only when tested against its real server or its official client.'),
  transport: z
    .enum(['websocket', 'sse'])
    .optional()
    .describe(
      'sse: the server pushes by server-sent events, and users publish by HTTP (publish.http). Default: websocket.',
    ),
  url: template
    .optional()
    .describe("Path and query added to a target URL that has neither, e.g. '/ws/{{room}}?token={{token}}'."),
  subprotocols: z.array(z.string()).optional(),
  headers: z
    .record(z.string(), template)
    .optional()
    .describe('Handshake headers; templates over user, room and token.'),
  split: z
    .string()
    .min(1)
    .optional()
    .describe('Text between messages, where the server puts several into one frame; each is then heard by itself.'),
  open: z
    .array(z.strictObject({send: template.optional(), until: matcherSchema.optional()}))
    .optional()
    .describe('Frames after the socket opened, in order; each waits for `until` where it has one.'),
  join: z
    .strictObject({send: template.optional(), until: matcherSchema.optional()})
    .optional()
    .describe('Without it the user is in the room as soon as the socket is open.'),
  publish: z.strictObject({
    send: template
      .optional()
      .describe('{{body}} carries the stamp and the payload, {{id}} a number that is unique on its connection.'),
    largest: z
      .int()
      .positive()
      .optional()
      .describe('Bytes of the largest message that the server takes; a larger --payload is refused before the load.'),
    http: httpPublishSchema
      .optional()
      .describe(
        'The request of one message; an answer of 200 to 299 accepts it. In place of send for transport sse; beside it for websocket, for drills that publish over HTTP.',
      ),
    ack: z
      .strictObject({
        when: matcherSchema,
        idAfter: z
          .string()
          .min(1)
          .optional()
          .describe(
            'Text right before the echoed {{id}}, also in refusals. Without it acks come in the order of publishing.',
          ),
      })
      .optional()
      .describe('Without it a message counts as accepted once its connection outlived it.'),
  }),
  leave: z.strictObject({send: template}).optional(),
  keepAlive: z
    .strictObject({
      every: z.string().describe('e.g. 25s'),
      send: template.describe("A frame, or 'ping' for a WebSocket ping."),
    })
    .optional(),
  answer: z
    .array(z.strictObject({when: matcherSchema, send: template}))
    .optional()
    .describe('Frames of the server that need a reply, e.g. its own pings.'),
  refused: matcherSchema
    .optional()
    .describe('The server turns the join or the message down; looked for first, so that it may look like an ack.'),
  error: matcherSchema.optional().describe('The server reports an error.'),
  history: historySchema.optional().describe('Where the messages of a room can be read again.'),
  guarantees: guaranteesSchema.optional(),
  maxFrame: z
    .string()
    .optional()
    .describe('Largest frame that is read, e.g. 1MiB (the default); a larger one is a protocol error.'),
})

export type Protocol = z.infer<typeof protocolSchema>

/** Whether the server says of each message that it took it. */
export function confirmsMessages({publish, transport}: Pick<Protocol, 'publish' | 'transport'>): boolean {
  return publish.ack !== undefined || transport === 'sse'
}
