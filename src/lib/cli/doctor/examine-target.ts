/** Examines a target: its endpoints first, then what needs them, and the services behind it beside all that. */
import {redact} from '../../base/redact.js'
import type {Check} from '../../report/diagnosis-schema.js'
import type {Target} from '../../targets/target.js'
import type {CommonInput} from '../../drills/drill.js'
import type {Admission} from './admit.js'
import {endpointChecks, type Endpoint, noAddress} from './endpoint-checks.js'
import {protocolChecks} from './protocol-checks.js'
import {rehearse, type Stage} from './rehearse.js'
import {serviceCheck} from './services/service-checks.js'

type Ground = Pick<Stage, 'clock' | 'note'>

/** Never rejects for anything that the target does. */
export async function examineTarget(request: CommonInput, admission: Admission, ground: Ground): Promise<Check[]> {
  const {targets, tls} = request
  ground.note(`asking ${targets.length === 1 ? 'the target' : `${targets.length} nodes`}`)
  const services = Promise.all(admission.services.map((service) => serviceCheck(service, ground.clock)))
  const endpoints = targets.map((url, node): Endpoint => {
    const label = targets.length === 1 ? '' : `node ${node + 1}`
    return {url, label, host: admission.allowed.find((host) => host.url === url)}
  })
  const reached = await Promise.all(endpoints.map((endpoint) => endpointChecks(endpoint, tls, ground.clock)))
  const open = endpoints.filter((_, node) => reached[node]?.every(({state}) => state !== 'problem') === true)
  const played = open.length === 0 ? [] : await rehearsed(request, admission, {open, ground})
  return [...reached.flat(), ...elsewhere(request, admission), ...played, ...(await services)]
}

/** Login, history and set-up may live on hosts of their own, which must have an address as well. */
function elsewhere({targets}: CommonInput, {unresolved}: Admission): Check[] {
  const urls = [...unresolved.keys()].filter((url) => !targets.includes(url))
  return urls.map((url) => noAddress({url, label: '', host: undefined}))
}

/** Only where the connection is sound: credentials are not shown to a server that is not who it should be. */
async function rehearsed(
  request: CommonInput,
  {allowed}: Admission,
  {open, ground}: {open: readonly Endpoint[]; ground: Ground},
): Promise<Check[]> {
  const urls = open.map(({url}) => url)
  const {profile, headers, tls, sourceAddresses} = request
  const target: Target = {
    kind: 'external',
    description: urls.map(redact).join(', '),
    urls,
    profile: {...profile, targets: urls},
    headers,
    tls,
    allowed,
  }
  const signal = new AbortController().signal
  const result = await rehearse({target, sources: sourceAddresses, signal, ...ground})
  return protocolChecks(result, profile, {labels: open.map(({label}) => label), now: ground.clock.date()})
}
