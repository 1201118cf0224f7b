/**
 * Reads stages as people write them: `30s:10,1m:50,30s:0`.
 *
 *   stages ::= stage ("," stage)*
 *   stage  ::= length ":" target       a duration, and the rate at its end
 */
import {UsageError} from '../base/errors.js'
import {parseDuration, parseRate} from '../base/parse-units.js'
import type {Stage} from './stages.js'

/** The stages of `text`; a length of `0` jumps to its target. Throws a UsageError that names the stage; `name` is what is read, e.g. `--stages`. */
export function parseStages(text: string, name = 'stages'): readonly Stage[] {
  return text.split(',').map((part, index) => parseStage(part.trim(), `${name}: stage ${index + 1}`))
}

function parseStage(part: string, name: string): Stage {
  const [length, target, ...rest] = part.split(':')
  if (length !== undefined && target !== undefined && rest.length === 0) {
    return {lengthMs: parseDuration(length, {name}), target: parseRate(target, {name})}
  }
  const message = `${name}: expected LENGTH:TARGET such as 30s:10, got '${part}'`
  throw /^\d{3}$/.test(part)
    ? new UsageError(message, {hint: 'a comma starts the next stage: write 10k or 10000 for ten thousand'})
    : new UsageError(message)
}
