/** What the checks of this machine are given: what it has, and what is asked of it. */
import type {Bytes} from '../../base/units.js'
import type {Check, MachineState, Remedy} from '../../report/diagnosis-schema.js'

export interface Situation {
  readonly state: MachineState
  readonly connections: number
  readonly roomSize: number
  /** The practice target is meant, so that the other ends of the connections are here too. */
  readonly bothEnds: boolean
  /** Users that one process holds. */
  readonly usersPerProcess: number
  readonly memoryNeeded: Bytes
  /** Descriptors of all our processes together. */
  readonly descriptorsNeeded: number
  /** Pairs of own address and target address with port, each with all ephemeral ports to itself; Infinity on loopback of Linux. */
  readonly routes: number
}

type Row = Omit<Check, 'area' | 'remedies' | 'state'>

/** A check whose remedies are only told where they are needed. */
export function checked(state: Check['state'], row: Row, remedies: readonly Remedy[] = []): Check {
  return {area: 'machine', state, ...row, remedies: state === 'ok' ? [] : remedies}
}

export function isMac({state}: Situation): boolean {
  return state.platform === 'darwin'
}

/** A kernel setting changed until the next boot, and for good on Linux. */
export function setting(situation: Situation, names: {linux: string; mac?: string}, value: string | number): Remedy[] {
  const assignment = (name: string): string => (/\s/.test(String(value)) ? `'${name}=${value}'` : `${name}=${value}`)
  if (isMac(situation)) {
    return names.mac === undefined
      ? []
      : [{what: 'until the next boot', command: `sudo sysctl -w ${assignment(names.mac)}`}]
  }
  const forGood = `echo '${names.linux} = ${value}' | sudo tee -a /etc/sysctl.d/90-proofload.conf`
  return [
    {what: 'until the next boot', command: `sudo sysctl -w ${assignment(names.linux)}`},
    {what: 'for good', command: forGood},
  ]
}
