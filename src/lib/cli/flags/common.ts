/** The flags that every drill has, in packs. */
import {isIP} from 'node:net'
import {UsageError} from '../../base/errors.js'
import {parseOutput} from '../../report/outputs.js'
import {parseDefect} from '../../targets/practice/defects/parse-defect.js'
import {faultFlags} from './faults.js'
import {option, type Read, repeated, toggle, type Values} from './option.js'
import {count, header, oneOf, text, threshold} from './read.js'

const ipAddress: Read<string> = (given, name) => {
  if (isIP(given) === 0)
    throw new UsageError(`${name}: expected an IP address of this machine such as 10.0.0.7, got '${given}'`)
  return given
}

const TARGET = 'target'

export const targetFlags = {
  target: repeated(text, {
    value: 'URL',
    summary: 'A node of the system to put under load; repeat it for several. Without it: the built-in practice target.',
    group: TARGET,
  }),
  profile: option(text, {
    value: 'FILE',
    summary: 'Target profile (proofload.yaml): protocol, auth, allowed hosts.',
    group: TARGET,
  }),
  protocol: option(text, {
    value: 'NAME|FILE',
    summary:
      'Protocol of the target, when there is no profile: a file, or one of practice, actioncable, centrifugo, echo, fastapi (experimental), graphql-ws, json (experimental), nestjs-ws, phoenix, socketio, sse (experimental), stomp.',
    group: TARGET,
  }),
  header: repeated(header, {value: 'NAME:VALUE', summary: 'Header of every handshake; repeatable.', group: TARGET}),
  ca: option(text, {
    value: 'FILE',
    summary: "PEM file of the authority that signed the target's certificate.",
    group: TARGET,
  }),
  cert: option(text, {value: 'FILE', summary: 'PEM file of our own certificate.', group: TARGET}),
  key: option(text, {value: 'FILE', summary: 'PEM file of the key of our own certificate.', group: TARGET}),
  insecure: toggle({summary: 'Accept any certificate.', group: TARGET}),
  'allow-host': repeated(text, {
    value: 'HOST',
    summary: 'A host beyond loopback that may be put under load: a name, *.a.domain, an address or a CIDR; repeatable.',
    group: TARGET,
  }),
  'allow-production': toggle({summary: 'Also allow what looks like production.', group: TARGET}),
  defect: repeated((given) => parseDefect(given), {
    value: 'NAME[=VALUE]',
    summary: 'Make the practice target wrong in one way, to see it caught; repeatable.',
    group: TARGET,
  }),
}

const JUDGING = 'verdict'

const verdictFlags = {
  threshold: repeated(threshold, {
    char: 't',
    value: 'RULE',
    summary:
      "A threshold such as 'p99(delivery_latency) < 100ms'; replaces the default with the same left side; repeatable.",
    group: JUDGING,
  }),
  'on-inconclusive': option(oneOf(['fail', 'pass']), {
    value: 'fail|pass',
    usual: 'fail',
    summary: 'Whether an inconclusive run exits with 98 or with 0.',
    group: JUDGING,
  }),
}

const watchFlags = {
  watch: repeated(text, {
    value: '[NAME=]SYSTEM',
    summary:
      'A system to look at once a second, to tell what moved with the latency: pid:4711, postgres://…, redis://…, rabbitmq+http://user:password@host:15672 (management API), http://host:9100/metrics (Prometheus; ?metrics=a,b takes more); repeatable.',
    group: JUDGING,
  }),
}

const GENERATOR = 'generator'

export const generatorFlags = {
  seed: option(text, {
    value: 'TEXT',
    summary: 'Makes every random choice repeatable; fresh by default, and printed.',
    group: GENERATOR,
  }),
  workers: option(count, {
    value: 'N',
    summary: 'Worker processes; chosen from cores and descriptors by default.',
    group: GENERATOR,
  }),
  'source-address': repeated(ipAddress, {
    value: 'IP',
    summary: 'Own address to connect from; repeat it when one address has too few ports.',
    group: GENERATOR,
  }),
}

const OUTPUT = 'output'

/** Flags of every command, drill or not. */
export const everywhereFlags = {
  config: option(text, {
    value: 'FILE',
    summary: 'YAML file with flags as keys; ./proofload.config.yaml is read when it is there.',
    group: OUTPUT,
  }),
  json: toggle({summary: 'Print one JSON object instead of the table.', group: OUTPUT}),
  quiet: toggle({char: 'q', summary: 'No progress, only the result.', group: OUTPUT}),
}

const outputFlags = {
  out: repeated((given) => parseOutput(given), {
    value: 'KIND=FILE',
    summary: 'Write the report to a file as well, e.g. json=report.json; repeatable.',
    group: OUTPUT,
  }),
  'dry-run': toggle({summary: 'Print the plan and stop.', group: OUTPUT}),
}

/** What every drill takes. */
export const drillFlags = {
  ...targetFlags,
  ...faultFlags,
  ...verdictFlags,
  ...watchFlags,
  ...generatorFlags,
  ...outputFlags,
  ...everywhereFlags,
}

export type DrillFlagValues = Values<typeof drillFlags>
