/** Whether the defects that were asked for can show in what is run. */
import {UsageError} from '../../../base/errors.js'
import {DEFECTS} from './catalogue.js'
import type {DefectDefinition} from './definition.js'
import type {DefectSpec} from './parse-defect.js'

/** The drill whose practice target is a database and no chat. */
const OF_DATABASE = 'db-explain'

/** Without a drill: what can be had from the nodes by themselves. Throws a UsageError that says which drill a defect is for. */
export function checkDefects(specs: readonly DefectSpec[], drill?: string): void {
  for (const {name} of specs) {
    const {drill: its}: DefectDefinition = DEFECTS[name]
    if (fits(its, drill)) continue
    const whose = its === undefined ? 'of the practice chat' : `for ${its}`
    throw new UsageError(`the defect ${name} is ${whose}: ${drill ?? 'the practice target by itself'} cannot have it`, {
      hint: its === undefined ? 'use it with ws-flood or msg-throughput' : `proofload ${its} --defect ${name}`,
    })
  }
}

function fits(its: DefectDefinition['drill'], drill: string | undefined): boolean {
  if (drill === undefined) return its !== OF_DATABASE
  return its === drill || (its === undefined && drill !== OF_DATABASE)
}
