/** The catalogue of faults as people read it: a line for each with class and privilege, and its parameters under it. */
import type {FaultDefinition, ParameterDefinition} from '../../faults/definition.js'
import type {Paint} from '../../report/paint.js'
import {labelled} from '../../report/wrap.js'

const NAME = 21
const CLASS = 16

/** Fits 100 columns; ends with a line break. */
export function renderCatalogue(faults: Readonly<Record<string, FaultDefinition>>, paint: Paint): string {
  const head = paint.dim(`${'Fault'.padEnd(NAME)}${'Class'.padEnd(CLASS)}Privilege`)
  const blocks = Object.entries(faults).map(([name, fault]) => blockOf(name, fault, paint).join('\n'))
  return `${[head, ...blocks, '', ...labelled('', 0, LEGEND).map((line) => paint.dim(line))].join('\n')}\n`
}

const LEGEND =
  "In a drill: --fault 'NAME(key=value,…) at TIME for DURATION', where only faults that last take a 'for'. A sticky one needs --allow-sticky."

function blockOf(name: string, fault: FaultDefinition, paint: Paint): string[] {
  const indent = NAME + CLASS
  const label = `${paint.strong(name.padEnd(NAME))}${fault.class.padEnd(CLASS)}`
  const parameters = Object.entries(fault.parameters).map(([key, definition]) => parameterOf(key, definition))
  return [
    ...labelled(label, indent, fault.privilege),
    ...labelled(' '.repeat(2), 2, `${fault.meaning}${lasting(fault)}`),
    ...parameters.flatMap(({key, text}) => labelled(paint.dim(`    ${key.padEnd(NAME + 7)}`), NAME + 11, text)),
  ]
}

function lasting({lasts}: FaultDefinition): string {
  if (lasts === 'optional') return ''
  return lasts ? " Lasts: 'for'." : ''
}

function parameterOf(key: string, definition: ParameterDefinition): {key: string; text: string} {
  const {kind, choices, usual, required, meaning} = definition
  const value = choices === undefined ? kind.toUpperCase() : choices.join('|')
  const rest = required === true ? ', required' : usual === undefined ? '' : `, usually ${usual}`
  return {key: `${key}=`, text: `${value}: ${meaning}${rest}`}
}
