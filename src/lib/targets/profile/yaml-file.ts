/** Reads a YAML file so that every complaint about it can name its line; `${NAME}` is filled in from the environment. */
import {readFile} from 'node:fs/promises'
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  visit,
  type YAMLError,
} from 'yaml'
import {UsageError} from '../../base/errors.js'

export type YamlPath = readonly PropertyKey[]

export type Environment = Readonly<Record<string, string | undefined>>

export interface YamlFile {
  readonly file: string
  readonly value: unknown
  /** The line, from 1, of what stands at a path; of its nearest parent where nothing does. */
  lineOf(path: YamlPath): number
}

/**
 * Reads `file`; without `env`, `${NAME}` is left as it is. Throws a UsageError of one line when the file is not there, is empty or is not YAML,
 * and when a variable is not set.
 */
export async function readYaml(file: string, env?: Environment): Promise<YamlFile> {
  const lines = new LineCounter()
  const document = parseDocument(await textOf(file), {lineCounter: lines, prettyErrors: false})
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const [broken] = document.errors
  if (broken) throw notYaml(file, broken, lineAt)
  if (document.contents === null) throw new UsageError(`${file}: is empty`)
  if (env)
    fillFromEnvironment(document, env, (node, why) => new UsageError(`${file}:${lineAt(node.range?.[0] ?? 0)}: ${why}`))
  const lineOf = (path: YamlPath): number => lineAt(offsetOf(document, path))
  return {file, value: valueOf(document, file), lineOf}
}

/** Runs a check of what stands at a path; its UsageError gets the file and line in front. */
export function checkAt<T>(yaml: YamlFile, path: YamlPath, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const details = error.hint === undefined ? {cause: error} : {cause: error, hint: error.hint}
    throw new UsageError(`${yaml.file}:${yaml.lineOf(path)}: ${error.message}`, details)
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`${file}: ${whyUnreadable(cause)}`, {cause})
  }
}

/** What a failed read means, in plain words. */
export function whyUnreadable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EISDIR') return 'is a folder, not a file'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user'
  return `cannot be read (${code})`
}

function notYaml(file: string, error: YAMLError, lineAt: (offset: number) => number): UsageError {
  const why =
    error.code === 'DUPLICATE_KEY' ? 'the same key stands twice' : `not YAML: ${error.message.split('\n')[0] ?? ''}`
  return new UsageError(`${file}:${lineAt(error.pos[0])}: ${why}`, {
    hint: 'inside { } and [ ], texts with braces such as "${NAME}" or "{{room}}" need quotes',
  })
}

function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw new UsageError(`${file}: not usable YAML: ${cause instanceof Error ? cause.message : String(cause)}`, {cause})
  }
}

/** `$${` stands for a plain `${`; anything else that begins with `${` must be a variable. */
const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g

function fillFromEnvironment(
  document: Document,
  env: Environment,
  wrong: (node: Node, why: string) => UsageError,
): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return
      const filled = node.value.replace(VARIABLE, (found: string, name: string | undefined) => {
        if (found === '$${') return '${'
        if (name === undefined) throw wrong(node, "'${' begins no variable: write ${NAME}, or $${ for a plain '${'")
        const value = env[name]
        if (value === undefined) throw wrong(node, `\${${name}} is not set in the environment`)
        return value
      })
      node.value = node.type === Scalar.PLAIN ? plain(filled) : filled
    },
  })
}

/** What stands without quotes may become a yes or no; everything else from the environment is text. */
function plain(text: string): string | boolean {
  if (text === 'true') return true
  return text === 'false' ? false : text
}

function offsetOf(document: Document, path: YamlPath): number {
  let offset = startOf(document.contents) ?? 0
  let node: unknown = document.contents
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    const next = child(node, step)
    if (!next) break
    offset = startOf(next.key) ?? startOf(next.value) ?? offset
    node = next.value
  }
  return offset
}

function child(node: unknown, step: PropertyKey): {key: unknown; value: unknown} | undefined {
  if (isMap(node)) return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(step))
  if (isSeq(node)) return {key: undefined, value: node.items[Number(step)]}
  return undefined
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}
