/** The command of any drill: it resolves the flags, lends the flow a terminal and signals, shows the report and sets the exit code. */
import {HostClock} from '../base/clock.js'
import type {FactsFrame, PlanFrame} from '../drills/drill.js'
import {toJsonText} from '../report/json.js'
import {paintFor} from '../report/paint.js'
import {startProgress} from '../report/progress.js'
import type {Report} from '../report/schema.js'
import {ProofloadCommand} from './base-command.js'
import {Belongings} from './belongings.js'
import {drillFlags} from './flags/common.js'
import type {FlagSet, Values} from './flags/option.js'
import type {Work} from './flow.js'
import {listenForSignals} from './interrupt.js'
import {readMachine} from './machine.js'

export abstract class DrillCommand extends ProofloadCommand {
  static override readonly baseFlags = drillFlags

  /**
   * Runs a drill from its flags to its report; `load` brings its code, which help does not need. Yields what `--json` prints: the report,
   * or the plan of a dry run. A broken threshold is told by the exit code, not by an error.
   */
  protected async conduct<Own extends FlagSet, Input, Plan extends PlanFrame, Facts extends FactsFrame>(
    own: Own,
    load: () => Promise<Work<Values<Own>, Input, Plan, Facts>>,
  ): Promise<Report | PlanFrame> {
    const flags = await this.resolve(own, drillFlags)
    const [{runDrill}, {renderTable}, work] = await Promise.all([
      import('./flow.js'),
      import('../report/table.js'),
      load(),
    ])
    const clock = new HostClock()
    const progress = await startProgress({terminal: this.terminal, clock, quiet: flags.quiet})
    const belongings = new Belongings()
    const meaning = 'stopping the load and judging what was measured'
    using interrupts = listenForSignals({meaning, say: (text) => progress.say(text), untidied: () => belongings.names})
    const show = (report: Report) => {
      process.exitCode = report.exitCode
      if (!this.jsonEnabled()) this.terminal.out(renderTable(report, paintFor(this.terminal.colour.out)))
    }
    const tool = {name: this.config.bin, version: this.config.version}
    const ground = {
      tool,
      clock,
      progress,
      belongings,
      interrupts,
      show,
      machine: readMachine(),
      environment: process.env,
    }
    try {
      const result = await runDrill(work, flags, ground)
      if (result.kind === 'report') return result.report
      if (!this.jsonEnabled()) this.terminal.out(toJsonText(result.plan))
      return result.plan
    } finally {
      progress.end()
      for (const failure of await belongings.release()) progress.say(failure)
    }
  }
}
