/** The shape of what `doctor` found: one source for the TypeScript type, for `--json` and for the shipped JSON schema. */
import {z} from 'zod'

const remedySchema = z.object({
  what: z.string().describe('What it brings about, and what to know before.'),
  command: z.string().optional().describe('The exact command line, where there is one.'),
})

const checkSchema = z.object({
  area: z.enum(['machine', 'plan', 'endpoint', 'protocol', 'service']),
  name: z.string(),
  state: z.enum(['ok', 'warning', 'problem']),
  value: z.string().describe('What was found.'),
  allows: z.string().optional().describe('What that allows.'),
  remedies: z.array(remedySchema),
  expected: z.array(z.string()).optional().describe('What the protocol file waits for, where that did not come.'),
  seen: z.array(z.string()).optional().describe('The first frames that came, without secrets, cut to 200 characters.'),
})

const planSchema = z.object({
  with: z.enum(['practice', 'target']).describe('Both ends on this machine, or our end alone.'),
  connections: z.number().int(),
  fits: z.boolean(),
  why: z.string().optional().describe('Why it does not fit.'),
  workers: z.number().int().optional(),
  nodes: z.number().int().optional().describe('Processes of the practice target.'),
  mostConnections: z.number().int().describe('The largest number of users that this machine carries.'),
  limitedBy: z.string().describe('What forbids one user more.'),
  connectRate: z.number().describe('Connections a second that are sensible here.'),
})

const machineSchema = z.object({
  platform: z.string(),
  cores: z.number(),
  coresAllowed: z.number().optional().describe('By the quota of the control group.'),
  load: z.number().optional().describe('Mean of the last minute.'),
  memoryBytes: z.number(),
  memoryAvailableBytes: z.number(),
  memoryLimitBytes: z.number().optional().describe('Of the control group.'),
  descriptorsSoft: z.number(),
  descriptorsHard: z.number(),
  filesOpen: z.number().optional(),
  filesMost: z.number().optional(),
  descriptorCeiling: z.number().optional().describe('fs.nr_open: no limit can be raised beyond it.'),
  firstPort: z.number(),
  lastPort: z.number(),
  timeWait: z.number().optional().describe('Sockets in TIME_WAIT.'),
  timeWaitReuse: z.number().optional().describe('net.ipv4.tcp_tw_reuse: 0 off, 1 on, 2 on loopback only.'),
  trackedConnections: z.number().optional(),
  trackedMost: z.number().optional(),
  acceptQueue: z.number().optional(),
  handshakeQueue: z.number().optional(),
  manyLoopbackAddresses: z.boolean(),
})

export const diagnosisSchema = z
  .object({
    schema: z.literal('proofload.doctor/1'),
    tool: z.object({name: z.string(), version: z.string()}),
    asked: z.object({
      connections: z.number().int(),
      roomSize: z.number().int(),
      against: z.enum(['practice', 'target']),
      targets: z.array(z.string()),
    }),
    machine: machineSchema,
    plans: z.array(planSchema),
    checks: z.array(checkSchema),
    problems: z.number().int(),
    warnings: z.number().int(),
    exitCode: z.number().int(),
  })
  .describe('Sizes in bytes, rates per second.')

type Frozen<T> = T extends object ? {readonly [Key in keyof T]: Frozen<T[Key]>} : T

export type Diagnosis = Frozen<z.infer<typeof diagnosisSchema>>
export type Check = Diagnosis['checks'][number]
export type Remedy = Check['remedies'][number]
export type PlanFit = Diagnosis['plans'][number]
export type MachineState = Diagnosis['machine']

/** The JSON schema that ships as `fixtures/schema/doctor.schema.json`. */
export function diagnosisJsonSchema(): Record<string, unknown> {
  return {title: 'proofload doctor', ...z.toJSONSchema(diagnosisSchema)}
}
