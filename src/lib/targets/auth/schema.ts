/** How a virtual user gets its token: not at all, fixed, from a file, signed here, or by a login request. */
import {z} from 'zod'

const text = z.string().min(1)

const noneSchema = z.strictObject({mode: z.literal('none')})

const fixedSchema = z.strictObject({
  mode: z.literal('fixed'),
  token: text.describe('The token of every user, e.g. ${CHAT_TOKEN}.'),
})

const fileSchema = z.strictObject({
  mode: z.literal('file'),
  path: text.describe('One line for each user; the path counts from this file.'),
  kind: z
    .enum(['tokens', 'accounts'])
    .optional()
    .describe('tokens (default): a token a line. accounts: user,password,token a line.'),
})

const signSchema = z
  .strictObject({
    mode: z.literal('sign'),
    algorithm: z
      .enum(['HS256', 'RS256'])
      .describe('HS256 signs with a shared secret, RS256 with a private key in PEM.'),
    key: text.optional().describe('The secret or the PEM text, e.g. ${CHAT_TEST_KEY}.'),
    keyFile: text.optional().describe('A file that holds it; the path counts from this file.'),
    claims: z
      .record(z.string(), z.json())
      .optional()
      .describe(
        'Claims; {{n}}, {{user}} and {{run}} are filled into texts, "{{n:number}}" alone becomes a number. Default: sub is {{user}}.',
      ),
    expiresIn: text.optional().describe('How long a token is good, e.g. 1h (the default).'),
  })
  .refine((sign) => (sign.key === undefined) !== (sign.keyFile === undefined), 'say either key or keyFile')

const requestSchema = z.strictObject({
  mode: z.literal('request'),
  url: text.describe(
    'Absolute, or a path on the first target; {{n}}, {{user}}, {{password}} and {{run}} are filled in.',
  ),
  method: z.enum(['GET', 'POST', 'PUT']).optional().describe('Default: POST.'),
  headers: z.record(z.string(), z.string()).optional().describe('Templates like the URL.'),
  body: z
    .union([text, z.record(z.string(), z.json())])
    .optional()
    .describe('A text, or an object that is sent as JSON; a template like the URL.'),
  accounts: text.optional().describe('A file with user,password a line; the path counts from this file.'),
  tokenAt: text
    .optional()
    .describe('Where the answer holds the token: /data/token or data.token. Default: the whole answer.'),
  expiresIn: text
    .optional()
    .describe('How long a token is good, e.g. 15m, when it is no JSON Web Token that says so itself.'),
  rate: text.optional().describe('Logins a second over all workers, e.g. 50/s (the default).'),
})

export const authSchema = z.discriminatedUnion('mode', [noneSchema, fixedSchema, fileSchema, signSchema, requestSchema])

/** Auth as it stands in a profile; once read, its paths are absolute and its times and rates are known to make sense. */
export type Auth = z.infer<typeof authSchema>
export type SignAuth = z.infer<typeof signSchema>
export type FileAuth = z.infer<typeof fileSchema>
export type RequestAuth = z.infer<typeof requestSchema>
