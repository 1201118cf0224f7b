/** Which addresses of ours the users connect from. */
import {randomInt} from 'node:crypto'
import {createServer} from 'node:net'
import {UsageError} from '../base/errors.js'
import type {Target} from '../targets/target.js'

/** The kernel finds a free port quickly up to about this many of one source address (measured on Linux 6). */
const USERS_PER_ADDRESS = 6000

/**
 * The addresses that were asked for; else, when the target is on this machine, a fresh block of 127.x, because ports that
 * an earlier run left in TIME_WAIT would slow this one down; else none, which leaves it to the system. Rejects with a UsageError when
 * an address that was asked for is not this machine's.
 */
export async function sourcesFor(
  {sourceAddresses, users}: {readonly sourceAddresses: readonly string[]; readonly users: number},
  target: Target,
): Promise<readonly string[]> {
  if (sourceAddresses.length > 0) return await ourOwn(sourceAddresses)
  const nodes = target.allowed.filter(({url}) => target.urls.includes(url))
  const local = nodes.every(({addresses}) => addresses.every((address) => address.startsWith('127.')))
  if (!local) return []
  const block = `127.${randomInt(16, 250)}.${randomInt(1, 250)}`
  const addresses = Array.from({length: Math.ceil(users / USERS_PER_ADDRESS)}, (_, n) => `${block}.${n + 1}`)
  return (await canBind(`${block}.1`)) ? addresses : []
}

async function ourOwn(addresses: readonly string[]): Promise<readonly string[]> {
  for (const address of addresses) {
    if (await canBind(address)) continue
    throw new UsageError(`--source-address ${address} is not an address of this machine`, {
      hint: 'see what it has with: ip address',
    })
  }
  return addresses
}

/** Whether an address is this machine's own; macOS knows 127.0.0.1 alone. */
export async function canBind(address: string): Promise<boolean> {
  const server = createServer()
  const bound = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(0, address, () => resolve(true))
  })
  if (bound) await new Promise((resolve) => server.close(resolve))
  return bound
}
