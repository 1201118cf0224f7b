/** The command of the doctor: it lends the examination progress, shows what was found and sets the exit code. */
import {HostClock} from '../../base/clock.js'
import {redactDeep} from '../../base/redact.js'
import {paintFor} from '../../report/paint.js'
import {startProgress} from '../../report/progress.js'
import type {Diagnosis} from '../../report/diagnosis-schema.js'
import {ProofloadCommand} from '../base-command.js'
import {everywhereFlags} from '../flags/common.js'
import type {DoctorFlagValues} from '../flags/doctor.js'
import {readMachine} from '../machine.js'

export abstract class DoctorCommand extends ProofloadCommand {
  static override readonly baseFlags = everywhereFlags

  /** Yields what `--json` prints. What is not well is told by the exit code, not by an error. */
  protected async examine(flags: DoctorFlagValues): Promise<Diagnosis> {
    const [{examine}, {renderDiagnosis}] = await Promise.all([
      import('./examine.js'),
      import('../../report/diagnosis.js'),
    ])
    const clock = new HostClock()
    const progress = await startProgress({terminal: this.terminal, clock, quiet: flags.quiet})
    try {
      const tool = {name: this.config.bin, version: this.config.version}
      const note = (text: string) => progress.note({phase: 'doctor', text})
      const ground = {tool, clock, note, machine: readMachine(), environment: process.env}
      const diagnosis = redactDeep(await examine(flags, ground))
      progress.end()
      process.exitCode = diagnosis.exitCode
      if (!this.jsonEnabled()) this.terminal.out(renderDiagnosis(diagnosis, paintFor(this.terminal.colour.out)))
      return diagnosis
    } finally {
      progress.end()
    }
  }
}
