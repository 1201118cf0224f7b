/** The flags of `proofload practice`. */
import {parseDefect} from '../../targets/practice/defects/parse-defect.js'
import {everywhereFlags} from './common.js'
import {option, repeated} from './option.js'
import {count, duration, oneOf, text} from './read.js'

export const practiceFlags = {
  nodes: option(count, {value: 'N', usual: '2', summary: 'Node processes, each with a port of its own.'}),
  defect: repeated((given) => parseDefect(given), {
    value: 'NAME[=VALUE]',
    summary: 'Make the target wrong in one way, e.g. lose-deliveries=1%; repeatable.',
  }),
  'room-cap': option(count, {
    value: 'N',
    usual: '1000',
    summary: 'Members that a room may have on all nodes together.',
  }),
  idle: option(duration, {
    value: 'LENGTH',
    usual: '300s',
    summary: 'How long a connection may be silent both ways before it is closed.',
  }),
  redis: option(oneOf(['any', 'fallback']), {
    value: 'any|fallback',
    usual: 'any',
    summary: 'Whether to use a redis-server that is on PATH, or always the one inside proofload.',
  }),
  seed: option(text, {value: 'TEXT', summary: 'Makes the choices of defects repeatable; fresh by default.'}),
}

/** What is left of the flags of every command: there is no result that could be printed as JSON. */
export const sessionFlags = {config: everywhereFlags.config, quiet: everywhereFlags.quiet}
