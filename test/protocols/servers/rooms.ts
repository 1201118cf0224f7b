/** Who is in which room, for servers that have no rooms of their own. */
export class Rooms<Member> {
  readonly #members = new Map<string, Set<Member>>()

  enter(room: string, member: Member): void {
    const members = this.#members.get(room) ?? new Set()
    this.#members.set(room, members.add(member))
  }

  leave(member: Member): void {
    for (const members of this.#members.values()) members.delete(member)
  }

  tell(room: string, times: number, tell: (member: Member) => void): void {
    for (let copy = 0; copy < times; copy++) this.#members.get(room)?.forEach((member) => tell(member))
  }
}
