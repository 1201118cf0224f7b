/** Writes down what a carrier tells, and says what of it is not as it must be. */
import type {CarrierListener, Outcome} from '../../../src/lib/protocols/messaging/carrier.js'

export interface Answer {
  readonly outcome: Outcome
  readonly reason: string | undefined
}

export interface Arrival {
  readonly text: string
  readonly again: boolean
}

export class Recorder implements CarrierListener {
  readonly answers = new Map<number, Answer>()
  readonly arrivals = new Map<number, Arrival[]>()
  readonly losses: string[] = []
  readonly wrong: string[] = []
  arrivalCount = 0

  answered(ticket: number, outcome: Outcome, reason?: string): void {
    if (this.answers.has(ticket)) this.wrong.push(`ticket ${ticket} was answered twice`)
    this.answers.set(ticket, {outcome, reason})
  }

  arrived(seat: number, text: Buffer, again: boolean): void {
    const arrivals = this.arrivals.get(seat) ?? []
    arrivals.push({text: text.toString('latin1'), again})
    this.arrivals.set(seat, arrivals)
    this.arrivalCount++
  }

  left(seat: number): void {
    this.wrong.push(`seat ${seat} left`)
  }

  entered(seat: number): void {
    this.wrong.push(`seat ${seat} entered`)
  }

  lost(reason: string): void {
    this.losses.push(reason)
  }

  at(seat: number): readonly Arrival[] {
    return this.arrivals.get(seat) ?? []
  }

  /** What came to a seat, without what is marked as a repetition of what was there. */
  firsts(seat: number): readonly string[] {
    return [...new Set(this.at(seat).map(({text}) => text))]
  }

  /** Texts that came to a seat more than once, of which a later one is not marked. */
  unmarked(seat: number): readonly string[] {
    const seen = new Set<string>()
    return this.at(seat).flatMap(({text, again}) => {
      const repeated = seen.has(text)
      seen.add(text)
      return repeated && !again ? [text] : []
    })
  }

  ticketsWith(outcome: Outcome): readonly number[] {
    return [...this.answers].filter(([, answer]) => answer.outcome === outcome).map(([ticket]) => ticket)
  }
}
