/** Descriptors: of one process, and of the whole system. */
import {formatCount} from '../../base/format-units.js'
import type {Check, Remedy} from '../../report/diagnosis-schema.js'
import {checked, isMac, setting, type Situation} from './situation.js'

/** Enough for a million users in one process; the usual ceiling of Linux. */
const PLENTY = 1_048_576
/** Below this even a small drill needs many workers. */
const FEW = 4096

export function descriptorCheck(situation: Situation): Check {
  const {state, usersPerProcess, connections, roomSize} = situation
  const {descriptorsSoft: soft, descriptorsHard: hard} = state
  const allowed =
    soft === hard
      ? `${formatCount(soft)} in one process`
      : `${formatCount(soft)} in one process, hard limit ${formatCount(hard)}`
  const ceiling = state.descriptorCeiling === undefined ? '' : `, fs.nr_open ${formatCount(state.descriptorCeiling)}`
  const roomFits = Math.min(roomSize, connections) <= usersPerProcess
  const row = {
    name: 'descriptors',
    value: allowed + ceiling,
    allows: `${formatCount(usersPerProcess)} users in a worker${roomFits ? '' : `, but a room of ${formatCount(roomSize)} stays in one`}`,
  }
  return checked(roomFits ? (soft < FEW ? 'warning' : 'ok') : 'problem', row, moreDescriptors(situation))
}

function moreDescriptors(situation: Situation): Remedy[] {
  const {descriptorsHard: hard, descriptorCeiling} = situation.state
  if (isMac(situation)) {
    return [
      {what: 'in this shell', command: `sudo launchctl limit maxfiles ${PLENTY} ${PLENTY} && ulimit -n ${PLENTY}`},
      {
        what: 'if that is refused, raise what the system allows',
        command: `sudo sysctl -w kern.maxfilesperproc=${PLENTY}`,
      },
    ]
  }
  const wanted = Math.min(PLENTY, descriptorCeiling ?? PLENTY)
  if (hard >= PLENTY) return [{what: 'in this shell', command: `ulimit -n ${PLENTY}`}]
  return [
    {what: 'in this shell', command: `sudo prlimit --pid $$ --nofile=${wanted}:${wanted}`},
    {
      what: 'for good, from the next login on',
      command: `echo '* - nofile ${wanted}' | sudo tee /etc/security/limits.d/90-proofload.conf`,
    },
    {what: 'in a container', command: `docker run --ulimit nofile=${wanted}:${wanted} …`},
  ]
}

export function openFilesCheck(situation: Situation): Check | undefined {
  const {state, descriptorsNeeded} = situation
  const {filesOpen = 0, filesMost} = state
  if (filesMost === undefined) return undefined
  const left = Math.max(0, filesMost - filesOpen)
  const fits = descriptorsNeeded <= left
  const row = {
    name: 'open files',
    value: `${formatCount(filesOpen)} of ${mostWords(filesMost)} that the system allows are open`,
    allows: fits ? `the plan's ${formatCount(descriptorsNeeded)}` : `not the plan's ${formatCount(descriptorsNeeded)}`,
  }
  const wanted = 2 ** Math.ceil(Math.log2(filesOpen + descriptorsNeeded + 1))
  return checked(fits ? 'ok' : 'problem', row, setting(situation, {linux: 'fs.file-max', mac: 'kern.maxfiles'}, wanted))
}

/** Modern kernels set no limit at all, and write it as the largest number they have. */
function mostWords(most: number): string {
  return most > 2 ** 53 ? 'any number' : formatCount(most)
}
