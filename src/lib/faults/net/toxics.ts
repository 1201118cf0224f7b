/** Which toxics make up a fault of a proxied connection: times in ms, sizes in bytes, as the Toxiproxy API wants them. */
import type {PlannedFault} from '../fault.js'
import type {Attributes, Stream, ToxicRequest, ToxicType} from '../proxy/toxic.js'

/** Our own, so that a toxic of the user's is never taken for one of ours. */
const PREFIX = 'proofload'

/** None for `net.down`, which is no toxic but the end of the proxy's listener. */
export function toxicsOf({name, parameters}: Pick<PlannedFault, 'name' | 'parameters'>): ToxicRequest[] {
  const number = (key: string): number => Math.round(Number(parameters[key] ?? 0))
  const toxicity = Number(parameters['share'] ?? 1)
  const on = (type: ToxicType, attributes: Attributes, streams = streamsOf(parameters['stream'])) =>
    streams.map((stream) => ({type, name: `${PREFIX}_${type}_${stream}`, stream, toxicity, attributes}))
  switch (name) {
    case 'net.latency':
      return on('latency', {latency: number('latency'), jitter: number('jitter')})
    case 'net.bandwidth':
      // Kilobytes a second, of 1000 bytes; 0 would stall.
      return on('bandwidth', {rate: Math.max(1, Math.round(Number(parameters['rate']) / 1000))})
    case 'net.blackhole':
      return on('timeout', {timeout: 0})
    case 'net.reset':
      // On what comes from the server: answers reach those who ask, and pushes those who only listen.
      return on('reset_peer', {timeout: number('after')}, ['downstream'])
    case 'net.slice':
      return on('slicer', {
        average_size: number('size'),
        size_variation: number('variation'),
        // Microseconds.
        delay: Math.round(Number(parameters['delay'] ?? 0) * 1000),
      })
    case 'net.limit-data':
      return on('limit_data', {bytes: number('bytes')})
    case 'net.slow-close':
      return on('slow_close', {delay: number('delay')})
    default:
      return []
  }
}

function streamsOf(stream: number | string | undefined): Stream[] {
  return stream === 'upstream' || stream === 'downstream' ? [stream] : ['upstream', 'downstream']
}
