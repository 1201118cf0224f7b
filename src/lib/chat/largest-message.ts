/** Holds a payload against the largest message that a chat says it takes, as a server that is sent more only cuts the connection. */
import {UsageError} from '../base/errors.js'
import {formatSize} from '../base/format-units.js'
import type {Bytes} from '../base/units.js'
import type {Protocol} from '../protocols/websocket/protocol.js'

/** Room for the names and numbers that are longer than what stands for them in the frame. */
const NAMES: Bytes = 64

/** Throws a UsageError; where the protocol says nothing, everything is fine. */
export function mustBeTaken({publish}: Pick<Protocol, 'publish'>, payloadBytes: Bytes): void {
  const {largest, send = ''} = publish
  const most = (largest ?? Infinity) - send.length - NAMES
  if (payloadBytes <= most) return
  throw new UsageError(
    `--payload ${formatSize(payloadBytes)} is more than the target takes: its protocol says ${formatSize(largest ?? 0)} a message, frame included`,
    {hint: `use at most --payload ${Math.max(0, most)}B, or say publish.largest in the protocol if it takes more`},
  )
}
