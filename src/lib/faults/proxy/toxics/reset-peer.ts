/** Resets the connection (a true RST on both sides) `timeout` ms after the first byte or the end. */
import type {Ms} from '../../../base/units.js'
import {Alarm, DUE_NOW} from '../link/alarm.js'
import type {End, Stage, StageKit, ToxicKind} from '../link/stage.js'
import type {Attributes} from '../toxic.js'

const ROOM = 64 * 1024

export const resetPeer: ToxicKind = {
  attributes: ['timeout'],
  make: (attributes, kit) => new ResetPeer(attributes, kit),
}

/** What comes while the reset is waited for is held, so that removing the toxic in time loses nothing. */
class ResetPeer implements Stage {
  readonly #kit: StageKit
  readonly #alarm: Alarm
  #length: Ms
  #firstAt: Ms | undefined
  #held: (Buffer | End)[] = []
  #bytes = 0

  constructor({timeout = 0}: Attributes, kit: StageKit) {
    this.#kit = kit
    this.#length = timeout
    this.#alarm = new Alarm(kit.now, () => this.#reset())
  }

  get crowded(): boolean {
    return this.#bytes > ROOM
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#take(chunk)
  }

  end(how: End): void {
    this.#take(how)
  }

  update({timeout = 0}: Attributes): void {
    this.#length = timeout
    this.#schedule()
  }

  leave(): void {
    this.#alarm.clear()
    for (const what of this.#held) {
      if (typeof what === 'string') this.#kit.next.end(what)
      else this.#kit.next.data(what)
    }
    this.#kit.eased()
  }

  stop(): void {
    this.#alarm.clear()
  }

  #take(what: Buffer | End): void {
    this.#held.push(what)
    if (this.#firstAt !== undefined) return
    this.#firstAt = this.#kit.now()
    this.#schedule()
  }

  #schedule(): void {
    if (this.#firstAt === undefined) return
    const due = this.#firstAt + this.#length
    if (due - this.#kit.now() > DUE_NOW) this.#alarm.set(due)
    else this.#reset()
  }

  #reset(): void {
    this.#kit.dropped(this.#bytes)
    this.#held = []
    this.#bytes = 0
    this.#kit.next.end('reset')
  }
}
