/** Streams as Redis answers with them, in the bytes in which they came. */

/** No fields: the entry was removed, and only its id is left in somebody's list of what is pending. */
export type Entry = readonly [id: Buffer, fields: readonly Buffer[] | null]

export type StreamEntries = readonly [key: Buffer, entries: readonly Entry[]]

/** XREADGROUP's answer; a blocking one that waited in vain is null. */
export function readEntries(reply: unknown): readonly StreamEntries[] {
  return (reply ?? []) as readonly StreamEntries[]
}

/** The text of an entry that we wrote: its one field is `m`. */
export function textOf([, fields]: Entry): Buffer | undefined {
  return fields?.[1]
}

/** A reply that is a list of names and values in turn, as XINFO gives it in RESP2. */
export function asRecord(reply: unknown): ReadonlyMap<string, unknown> {
  const list = Array.isArray(reply) ? (reply as readonly unknown[]) : []
  return new Map(list.flatMap((name, index) => (index % 2 === 0 ? [[String(name), list[index + 1]] as const] : [])))
}

/** Orders ids as Redis does: `1700000000000-12` by its milliseconds, then by its number. */
export function earlierId(left: string, right: string): string {
  const [leftMs = '0', leftNumber = '0'] = left.split('-')
  const [rightMs = '0', rightNumber = '0'] = right.split('-')
  const difference = BigInt(leftMs) - BigInt(rightMs) || BigInt(leftNumber) - BigInt(rightNumber)
  return difference <= 0n ? left : right
}
