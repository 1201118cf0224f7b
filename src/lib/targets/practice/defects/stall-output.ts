/** Withholds everything that the node sends for a while, again and again, and then sends it in order. */
import type {Member} from '../members.js'
import type {Send} from '../output.js'
import type {Defect, DefectKit} from './defect.js'
import type {Window} from './parse-defect.js'

/** The clock has one origin on a host, so all nodes stall at the same time. */
export function stallOutput({length, every}: Window, {clock}: DefectKit): Defect {
  let waiting: [Member, Buffer][] = []
  let timer: NodeJS.Timeout | undefined
  let send: Send = () => undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const due = waiting
    waiting = []
    for (const [member, frame] of due) send(member, frame)
  }

  /** A timer may fire a little early; what is flushed late stays in order. */
  function sendOrHold(member: Member, frame: Buffer): void {
    const left = length - (clock.now() % every)
    if (timer === undefined && left <= 0) return send(member, frame)
    waiting.push([member, frame])
    timer ??= setTimeout(flush, left)
  }

  return {
    output: (next) => {
      send = next
      return sendOrHold
    },
    end: flush,
  }
}
