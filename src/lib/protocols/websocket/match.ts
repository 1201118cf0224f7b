/** Recognises a frame by its bytes, without parsing it. */
import type {FrameForm, FrameMatcher} from './protocol.js'

export type Match = (frame: Buffer) => boolean

/** Compiles what the protocol file says: one form, or a list of which any one will do. */
export function compileMatcher(matcher: FrameMatcher): Match {
  const [only, ...others] = [matcher].flat().map(compileForm)
  if (only && others.length === 0) return only
  const forms = only ? [only, ...others] : others
  return (frame) => forms.some((form) => form(frame))
}

/** Everything named must hold. */
function compileForm({contains, startsWith, equals}: FrameForm): Match {
  const parts = [contains ?? []].flat().map((text) => Buffer.from(text))
  const start = startsWith === undefined ? undefined : Buffer.from(startsWith)
  const whole = equals === undefined ? undefined : Buffer.from(equals)
  return (frame) => {
    if (start && !beginsWith(frame, start)) return false
    if (whole && !frame.equals(whole)) return false
    return parts.every((part) => frame.includes(part))
  }
}

/** Hands over what stands between the separators of a frame, without copying it; nothing of no length. */
export function eachPart(frame: Buffer, separator: Buffer, take: (part: Buffer) => void): void {
  let start = 0
  for (let end = frame.indexOf(separator); end >= 0; end = frame.indexOf(separator, start)) {
    if (end > start) take(frame.subarray(start, end))
    start = end + separator.length
  }
  if (start < frame.length) take(start === 0 ? frame : frame.subarray(start))
}

/** The whole number right after `text`, quoted or not; undefined when there is none. */
export function numberAfter(frame: Buffer, text: Buffer): number | undefined {
  const found = frame.indexOf(text)
  if (found < 0) return undefined
  let at = found + text.length
  while (frame[at] === QUOTE || frame[at] === SPACE) at++
  const first = at
  let value = 0
  for (let digit = digitAt(frame, at); digit >= 0; digit = digitAt(frame, ++at)) value = value * 10 + digit
  return at > first ? value : undefined
}

const QUOTE = 0x22
const SPACE = 0x20
const ZERO = 0x30

function digitAt(frame: Buffer, at: number): number {
  const digit = (frame[at] ?? 0) - ZERO
  return digit <= 9 ? digit : -1
}

function beginsWith(frame: Buffer, start: Buffer): boolean {
  return frame.length >= start.length && start.compare(frame, 0, start.length) === 0
}
