/** Finds a protocol: one that proofload ships, by its name, or one in a YAML file. */
import {access, readdir} from 'node:fs/promises'
import {basename, isAbsolute, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {UsageError} from '../../base/errors.js'
import {didYouMean} from '../../base/nearest.js'
import {type Protocol, protocolSchema} from '../../protocols/websocket/protocol.js'
import {checkProtocol} from './check-protocol.js'
import {parseYaml} from './problems.js'
import {readYaml, whyUnreadable} from './yaml-file.js'

/** The same depth below the package from src and from dist. */
const SHIPPED = fileURLToPath(new URL('../../../../fixtures/protocols/', import.meta.url))

/** Names of the protocols that proofload ships, sorted. */
async function shippedProtocols(): Promise<string[]> {
  const files = await readdir(SHIPPED)
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort()
}

/**
 * The file that a name or path means; a path has a slash or ends in .yaml or .yml, and counts from `folder`. Throws a UsageError for a name
 * that is not shipped, and for a file that is not there.
 */
export async function protocolFile(nameOrPath: string, folder: string): Promise<string> {
  if (/[/\\]|\.ya?ml$/.test(nameOrPath))
    return await existing(isAbsolute(nameOrPath) ? nameOrPath : join(folder, nameOrPath))
  const shipped = await shippedProtocols()
  if (shipped.includes(nameOrPath)) return resolve(SHIPPED, `${nameOrPath}.yaml`)
  throw new UsageError(`unknown protocol '${nameOrPath}', ${didYouMean(nameOrPath, shipped)}`, {
    hint: `shipped: ${shipped.join(', ')}; for a protocol of your own give a path such as ./${nameOrPath}.yaml`,
  })
}

async function existing(file: string): Promise<string> {
  try {
    await access(file)
    return file
  } catch (cause) {
    throw new UsageError(`protocol file ${file}: ${whyUnreadable(cause)}`, {cause})
  }
}

/** Reads a protocol file. Throws a UsageError that names the file and line of its first problem. */
export async function readProtocol(file: string): Promise<Protocol> {
  const yaml = await readYaml(file)
  const protocol = parseYaml(protocolSchema, yaml)
  checkProtocol(protocol, yaml, [])
  return protocol
}
