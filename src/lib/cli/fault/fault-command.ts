/** The commands around faults: they lend them progress and signals, show what was done and set the exit code. */
import {HostClock} from '../../base/clock.js'
import {paintFor} from '../../report/paint.js'
import {startProgress} from '../../report/progress.js'
import {ProofloadCommand} from '../base-command.js'
import {Belongings} from '../belongings.js'
import {everywhereFlags} from '../flags/common.js'
import type {FaultFlagValues, RecoverFlagValues} from '../flags/fault.js'
import {listenForSignals} from '../interrupt.js'

export abstract class FaultCommand extends ProofloadCommand {
  static override readonly baseFlags = everywhereFlags

  /** Injects one fault and puts it back. Yields what `--json` prints; what went wrong then is told by the exit code too. */
  protected async disturb(flags: FaultFlagValues): Promise<unknown> {
    const [{disturb}, {renderDisturbance}] = await Promise.all([import('./disturb.js'), import('./render.js')])
    const clock = new HostClock()
    const progress = await startProgress({terminal: this.terminal, clock, quiet: flags.quiet})
    const belongings = new Belongings()
    const say = (text: string) => progress.say(text)
    using interrupts = listenForSignals({meaning: 'putting everything back', say, untidied: () => belongings.names})
    try {
      const ground = {clock, progress, belongings, interrupts, environment: process.env}
      const done = await disturb(this.words['name'], flags, ground)
      progress.end()
      return this.#show(done, () => renderDisturbance(done, paintFor(this.terminal.colour.out)))
    } finally {
      progress.end()
      for (const failure of await belongings.release()) say(failure)
    }
  }

  /** Puts back what earlier runs left. */
  protected async recover(flags: RecoverFlagValues): Promise<unknown> {
    const [{recoverRuns}, {renderRecovery}] = await Promise.all([import('./recover.js'), import('./render.js')])
    const recovery = await recoverRuns(flags, process.env)
    return this.#show(recovery, () => renderRecovery(recovery, paintFor(this.terminal.colour.out)))
  }

  protected async list(): Promise<unknown> {
    const [{FAULTS}, {renderCatalogue}] = await Promise.all([
      import('../../faults/catalogue.js'),
      import('./render-catalogue.js'),
    ])
    return this.#show({schema: 'proofload.faults/1', faults: FAULTS, exitCode: 0}, () =>
      renderCatalogue(FAULTS, paintFor(this.terminal.colour.out)),
    )
  }

  #show<Shown extends {readonly exitCode: number}>(shown: Shown, render: () => string): Shown {
    process.exitCode = shown.exitCode
    if (!this.jsonEnabled()) this.terminal.out(render())
    return shown
  }
}
