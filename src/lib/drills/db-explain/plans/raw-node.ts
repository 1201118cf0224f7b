/** A node of EXPLAIN (FORMAT JSON) as it came: every version has keys of its own, so each is asked for and none is relied on. */

export type RawNode = Readonly<Record<string, unknown>>

/** Undefined where the key is missing or holds something else. */
export function textOf(node: RawNode, key: string): string | undefined {
  const value = node[key]
  return typeof value === 'string' ? value : undefined
}

export function numberOf(node: RawNode, key: string): number | undefined {
  const value = node[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A single text is a list of one. */
export function textsOf(node: RawNode, key: string): readonly string[] {
  const value = node[key]
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

export function nodesOf(node: RawNode, key: string): readonly RawNode[] {
  const value = node[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

export function isNode(value: unknown): value is RawNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
