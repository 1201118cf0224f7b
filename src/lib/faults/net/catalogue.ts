/** The faults of a proxied connection: which toxic each one is, and what it takes. */
import type {FaultDefinition, ParameterDefinition} from '../definition.js'

const proxy = {kind: 'text', required: true, meaning: 'redis, postgres, target, or a proxy of the profile'} as const
const stream = {
  kind: 'choice',
  choices: ['both', 'upstream', 'downstream'],
  usual: 'both',
  meaning: 'upstream is from the client to the server',
} as const
const share = {kind: 'share', usual: '100%', positive: true, meaning: 'of the connections'} as const

const onProxy = (meaning: string, parameters: Readonly<Record<string, ParameterDefinition>>): FaultDefinition => ({
  class: 'proxied',
  needs: 'proxy',
  lasts: true,
  meaning,
  privilege: 'none',
  parameters: {proxy, ...parameters},
})

export const NET_FAULTS: Readonly<Record<string, FaultDefinition>> = {
  'net.down': onProxy('Closes every connection and refuses new ones.', {}),
  'net.latency': onProxy('Delays what is sent; with stream=both the round trip grows by twice the latency.', {
    latency: {kind: 'duration', required: true, positive: true, meaning: 'delay of each direction'},
    jitter: {kind: 'duration', usual: '0ms', meaning: 'how much the delay may differ either way'},
    stream,
    share,
  }),
  'net.bandwidth': onProxy('Slows each connection down to a rate.', {
    rate: {kind: 'byte-rate', required: true, positive: true, meaning: 'bytes a second of a connection and direction'},
    stream,
    share,
  }),
  'net.blackhole': onProxy('Swallows everything and closes nothing, as a cut cable does.', {stream, share}),
  'net.reset': onProxy('Resets connections (RST) at their next data.', {
    after: {kind: 'duration', usual: '0ms', meaning: 'how long after it'},
    share,
  }),
  'net.slice': onProxy('Cuts what is sent into small pieces.', {
    size: {kind: 'size', usual: '64B', positive: true, meaning: 'of a piece, on average'},
    variation: {kind: 'size', usual: '0B', meaning: 'how much a piece may differ either way'},
    delay: {kind: 'duration', usual: '0ms', meaning: 'between two pieces'},
    stream,
    share,
  }),
  'net.limit-data': onProxy('Closes a connection after so many bytes.', {
    bytes: {kind: 'size', required: true, meaning: 'that pass, of a connection and direction'},
    stream,
    share,
  }),
  'net.slow-close': onProxy('Holds the end of a connection back.', {
    delay: {kind: 'duration', required: true, positive: true, meaning: 'how long'},
    stream,
    share,
  }),
}
