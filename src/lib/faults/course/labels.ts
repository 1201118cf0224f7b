/** Short names for the faults of a run, to stand in tags and headlines. */
import {exactDuration} from '../../base/format-units.js'
import type {PlannedFault} from '../fault.js'

type Told = Pick<PlannedFault, 'name' | 'atMs' | 'text'>

/** Its name; `redis.kill at 5s` where several have it; its whole text where that is not enough. In the order of the faults. */
export function faultLabels(faults: readonly Told[]): string[] {
  const forms: readonly ((fault: Told) => string)[] = [
    ({name}) => name,
    ({name, atMs}) => `${name} at ${exactDuration(atMs)}`,
  ]
  return faults.map((fault) => {
    const form = forms.find((candidate) => faults.filter((other) => candidate(other) === candidate(fault)).length === 1)
    return form?.(fault) ?? fault.text
  })
}
