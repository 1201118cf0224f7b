/** A room of three in plain sentences: what happens in it, and what its ledger makes of that. */
import {RoomLedger} from '../../src/lib/metrics/ledger.js'
import type {Acceptance, Receipt} from '../../src/lib/metrics/stream.js'

const NAMES = ['ann', 'ben', 'cat']
/** A message on its way to someone who leaves within this many seconds after the ack was not due. */
const IN_FLIGHT_SECONDS = 2

export interface Outcome {
  readonly receipts: readonly Receipt[]
  readonly expected: number
  /** `ben misses ann's 0` */
  readonly lost: readonly string[]
  readonly unproven: readonly string[]
}

class Room {
  readonly ledger: RoomLedger
  readonly receipts: Receipt[] = []
  #now = 0

  constructor(echo: boolean) {
    const size = NAMES.length
    this.ledger = new RoomLedger({members: size, publishers: size, echo, inFlightMs: IN_FLIGHT_SECONDS * 1000})
  }

  readonly #verbs: readonly (readonly [RegExp, (...words: string[]) => void])[] = [
    [/^all enter$/, () => NAMES.forEach((_, member) => this.ledger.enter(member))],
    [/^(\w+) enters$/, (name) => this.ledger.enter(indexOf(name))],
    [/^(\w+) is cut off$/, (name) => this.ledger.lose(indexOf(name), this.#now)],
    [/^(\w+) leaves$/, (name) => this.ledger.depart(indexOf(name), this.#now)],
    [/^(\w+) sends$/, (name) => this.#send(indexOf(name))],
    [/^(\w+)'s (\d+) is (accepted|failed|unknown)$/, (name, n, acceptance) => this.#settle(name, n, acceptance)],
    [/^(\w+) gets (\w+)'s (\d+)$/, (name, sender, n) => this.#receive(name, sender, n)],
    [/^all get (\w+)'s (\d+)$/, (sender, n) => NAMES.forEach((name) => this.#receive(name, sender, n))],
    [/^(\d+) s pass$/, (seconds) => (this.#now += Number(seconds) * 1000)],
  ]

  /** `all enter; ann sends; ann's 0 is accepted; all get ann's 0` */
  play(script: string): void {
    for (const sentence of script.split(';').map((text) => text.trim())) {
      const verb = this.#verbs.find(([pattern]) => pattern.test(sentence))
      if (!verb) throw new Error(`nobody can play '${sentence}'`)
      verb[1](...(verb[0].exec(sentence)?.slice(1) ?? []))
    }
  }

  #send(sender: number): void {
    this.ledger.publish(sender, sender, {phase: 'steady', startedAt: this.#now})
  }

  #settle(name?: string, sequence?: string, acceptance?: string): void {
    this.ledger.settle(indexOf(name), Number(sequence), acceptance as Acceptance, this.#now)
  }

  #receive(name?: string, sender?: string, sequence?: string): void {
    this.receipts.push(this.ledger.receive(indexOf(name), indexOf(sender), Number(sequence)))
  }
}

/** Plays a script in an empty room, and closes its book. */
export function play(script: string, {echo = true} = {}): Outcome {
  const room = new Room(echo)
  room.play(script)
  const {expected, missing, unproven} = room.ledger.close()
  return {
    receipts: room.receipts,
    expected: expected.get('steady') ?? 0,
    lost: missing.flatMap(({publisher, sequence, members}) =>
      members.map((member) => `${nameOf(member)} misses ${nameOf(publisher)}'s ${sequence}`),
    ),
    unproven: unproven.map(nameOf),
  }
}

/** `zoe` is nobody's name: a publisher that the room does not have. */
function indexOf(name = ''): number {
  const index = NAMES.indexOf(name)
  return index < 0 ? NAMES.length : index
}

function nameOf(member: number): string {
  return NAMES[member] ?? '?'
}
