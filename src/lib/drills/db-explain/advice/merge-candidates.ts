/** Makes one candidate of those that one index would serve: equal designs, and designs that a wider one covers. Pure. */
import {covers} from './covers.js'
import {bodyOf} from './ddl.js'
import type {Candidate} from './index-design.js'

/** In the order in which they were first named. A covering index does not swallow its plain form: which is better is to be measured. */
export function mergeCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  const groups = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const key = keyOf(candidate)
    const first = groups.get(key)
    groups.set(key, first === undefined ? candidate : join(first, candidate))
  }
  const merged = [...groups.values()]
  return merged
    .filter((one) => !merged.some((other) => other !== one && swallows(other, one)))
    .map((wide) => merged.filter((one) => one !== wide && swallows(wide, one)).reduce(join, wide))
}

function keyOf({design, alternative}: Candidate): string {
  return [design.schema, design.table, bodyOf(design), String(alternative ?? false)].join('\n')
}

function swallows({design: wide, alternative}: Candidate, {design, alternative: other}: Candidate): boolean {
  if ((alternative ?? false) !== (other ?? false) || wide.method !== design.method || wide.where !== design.where)
    return false
  const plain = wide.include.length === 0 || wide.include.join() === design.include.join()
  return plain && wide.keys.length > design.keys.length && covers(wide, design)
}

function join(one: Candidate, other: Candidate): Candidate {
  const why = one.why === other.why || one.why.includes(other.why) ? one.why : `${one.why}; ${other.why}`
  return {
    ...one,
    serves: [...new Set([...one.serves, ...other.serves])],
    needs: [...new Set([...one.needs, ...other.needs])],
    why,
  }
}
