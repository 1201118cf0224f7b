/** Asks for the seats of all rooms of one turn of the event loop at once, and tells again what Redis did not hear. */
import type {Bus, SeatClaim} from './bus.js'
import type {Member, Room} from './members.js'

/** What becomes of those who asked. */
export interface Ushers {
  room(name: string): Room | undefined
  seated(room: Room, member: Member): void
  full(room: Room, member: Member): void
  /** Redis did not answer, so that nobody knows whether there is a seat. */
  unknown(room: Room, member: Member): void
}

interface Request {
  readonly claim: SeatClaim
  /** Those for whom seats were asked. */
  readonly askers: readonly Member[]
}

/** One claim is under way at a time: a later one that overtook it would tell Redis an older number. */
export class Seating {
  /** Rooms whose seats Redis does not know as they are. */
  readonly #untold = new Set<string>()
  #telling = false

  constructor(
    private readonly bus: Bus,
    private readonly cap: number,
    private readonly ushers: Ushers,
  ) {}

  /** Somebody asks for a seat in a room, or gave one back. */
  changed(room: string): void {
    this.#untold.add(room)
    this.tell()
  }

  /** Tells what is untold, if there is anything. */
  tell(): void {
    if (this.#telling || this.#untold.size === 0) return
    this.#telling = true
    setImmediate(() => void this.#tellAll())
  }

  async #tellAll(): Promise<void> {
    let answered = true
    while (answered && this.#untold.size > 0) {
      const requests = [...this.#untold].map((name) => this.#requestOf(name))
      this.#untold.clear()
      answered = await this.#ask(requests)
    }
    this.#telling = false
  }

  #requestOf(name: string): Request {
    const room = this.ushers.room(name)
    const askers = [...(room?.asking ?? [])]
    return {claim: {room: name, held: room?.held ?? 0, wanted: askers.length}, askers}
  }

  async #ask(requests: readonly Request[]): Promise<boolean> {
    const claims = requests.map(({claim}) => claim)
    const got = await this.bus.claimSeats(claims, this.cap).catch(() => undefined)
    for (const [index, request] of requests.entries()) {
      if (got === undefined) this.#unanswered(request)
      else this.#answered(request, got[index] ?? 0)
    }
    return got !== undefined
  }

  /** Who left meanwhile asks no longer; a seat that nobody takes is given back. */
  #answered({claim, askers}: Request, got: number): void {
    const room = this.ushers.room(claim.room)
    let free = got
    for (const member of askers) {
      if (room?.asking.delete(member) !== true) continue
      if (free-- > 0) this.ushers.seated(room, member)
      else this.ushers.full(room, member)
    }
    if (free > 0) this.#untold.add(claim.room)
  }

  #unanswered({claim, askers}: Request): void {
    const room = this.ushers.room(claim.room)
    this.#untold.add(claim.room)
    for (const member of askers) if (room?.asking.delete(member)) this.ushers.unknown(room, member)
  }
}
