/** The command of something that runs until it is told to end: it lends it progress and signals, and tidies up after it. */
import {HostClock} from '../base/clock.js'
import {startProgress} from '../report/progress.js'
import {ProofloadCommand} from './base-command.js'
import {Belongings} from './belongings.js'
import {sessionFlags} from './flags/practice.js'
import {listenForSignals} from './interrupt.js'
import type {SessionGround} from './practice-session.js'

export abstract class SessionCommand extends ProofloadCommand {
  static override readonly baseFlags = sessionFlags
  /** What the first signal brings about. */
  protected readonly meaning: string = 'ending the practice target'

  /** A signal is the ordinary end, so it leaves exit code 0; before the session has begun it is an interruption as everywhere. */
  protected async hold(quiet: boolean, session: (ground: SessionGround) => Promise<void>): Promise<void> {
    const progress = await startProgress({terminal: this.terminal, clock: new HostClock(), quiet})
    const belongings = new Belongings()
    using interrupts = listenForSignals({
      meaning: this.meaning,
      say: (text) => progress.say(text),
      untidied: () => belongings.names,
    })
    try {
      await session({progress, belongings, interrupts, show: (text) => this.terminal.out(text)})
    } finally {
      progress.end()
      for (const failure of await belongings.release()) progress.say(failure)
    }
  }
}
