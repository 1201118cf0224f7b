/** Requests that a profile asks for before and after the load: to make rooms and memberships, and to remove them. */
import {z} from 'zod'

const text = z.string().min(1)

export const requestSchema = z.strictObject({
  each: z
    .enum(['run', 'room', 'user'])
    .describe('How often: once a run, once for each room (as its first member), or once for each user.'),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional().describe('Default: POST.'),
  url: text.describe(
    'Absolute, or a path on the first target; {{room}}, {{user}}, {{n}}, {{token}} and {{run}} are filled in.',
  ),
  headers: z.record(z.string(), z.string()).optional().describe('Templates like the URL.'),
  body: z
    .union([text, z.record(z.string(), z.json())])
    .optional()
    .describe('A text, or an object that is sent as JSON; a template like the URL.'),
  expect: z
    .array(z.number().int().min(100).max(599))
    .min(1)
    .optional()
    .describe('Statuses that mean success. Default: 200 to 299.'),
  rate: text.optional().describe('Requests a second over all workers, e.g. 50/s (the default).'),
})

export type RequestSpec = z.infer<typeof requestSchema>
