/** The flags of `proofload proxy`. */
import {UsageError} from '../../base/errors.js'
import {parseAddress} from '../../faults/proxy/address.js'
import {targetFlags} from './common.js'
import {option, repeated, type Read} from './option.js'
import {count, text} from './read.js'

/** `redis=127.0.0.1:6379` */
export interface NamedAddress {
  readonly name: string
  /** `host:port`. */
  readonly address: string
}

const namedAddress: Read<NamedAddress> = (given, name) => {
  const parts = /^(?<name>[a-z][\w-]*)=(?<address>.+)$/i.exec(given.trim())?.groups
  const address = parts?.['address'] ?? ''
  if (parts === undefined || !isAddress(address)) {
    throw new UsageError(`${name}: expected NAME=HOST:PORT such as redis=127.0.0.1:6379, got '${given}'`)
  }
  return {name: parts['name'] ?? '', address}
}

const apiAddress: Read<string> = (given, name) => {
  if (!isAddress(given)) throw new UsageError(`${name}: expected HOST:PORT such as 127.0.0.1:21474, got '${given}'`)
  return given
}

function isAddress(given: string): boolean {
  const address = parseAddress(given)
  return address !== undefined && address.host !== '' && address.port > 0
}

export const proxyFlags = {
  proxy: repeated(namedAddress, {
    value: 'NAME=HOST:PORT',
    summary: 'What to put a proxy in front of, e.g. redis=127.0.0.1:6379; repeatable.',
  }),
  listen: repeated(namedAddress, {
    value: 'NAME=HOST:PORT',
    summary: 'Where that proxy listens; a free port of 127.0.0.1 by default; repeatable.',
  }),
  api: option(apiAddress, {
    value: 'HOST:PORT',
    summary: 'Where the API listens, on loopback; a free port of 127.0.0.1 by default.',
  }),
  processes: option(count, {
    value: 'N',
    usual: '1',
    summary: 'Processes that carry connections; one takes 9,500 with 20,000 descriptors.',
  }),
  seed: option(text, {value: 'TEXT', summary: 'Makes random choices (toxicity, jitter) repeatable; fresh by default.'}),
  'allow-host': repeated(text, {
    value: 'HOST',
    summary: 'A host beyond loopback that a proxy may lead to: a name, *.a.domain, an address or a CIDR; repeatable.',
  }),
  'allow-production': targetFlags['allow-production'],
}
