/** Finds the right word nearest to a misspelt one, so that an error can say what was probably meant. */
import {distance} from 'fastest-levenshtein'

const MOST_LISTED = 8

interface Scored {
  readonly candidate: string
  readonly typos: number
}

/** The candidate that `word` was probably meant to be, or undefined when none is close enough to be useful. Case does not count. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const scored = byDistance(word, candidates)
  const meant = scored.find((each) => isTypo(word, each)) ?? scored.find(({candidate}) => isPartOf(word, candidate))
  return meant?.candidate
}

/** A hint for an unknown word: `did you mean 'x'?`, or a few of the words that are known. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const known = [...candidates]
  const meant = nearest(word, known)
  if (meant !== undefined) return `did you mean '${meant}'?`
  if (known.length === 0) return 'none is known'
  if (known.length <= MOST_LISTED) return `known: ${known.join(', ')}`
  const closest = byDistance(word, known).slice(0, MOST_LISTED)
  return `known: ${closest.map(({candidate}) => candidate).join(', ')} and ${known.length - MOST_LISTED} more`
}

function byDistance(word: string, candidates: Iterable<string>): Scored[] {
  const folded = word.toLowerCase()
  return Array.from(candidates, (candidate) => ({candidate, typos: distance(folded, candidate.toLowerCase())})).sort(
    (left, right) => left.typos - right.typos,
  )
}

/** One typo in three letters is the most that still reads as the same word; at least one letter must be right. */
function isTypo(word: string, {candidate, typos}: Scored): boolean {
  const longer = Math.max(word.length, candidate.length)
  return typos < longer && typos <= Math.max(1, Math.floor(longer / 3))
}

/** `latency` for `delivery_latency`; shorter pieces occur in too many words. */
function isPartOf(word: string, candidate: string): boolean {
  return word.length >= 4 && candidate.toLowerCase().includes(word.toLowerCase())
}
