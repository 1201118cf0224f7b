/** Server-to-client frames. Keys stand in a fixed order, because clients recognise a frame by its first characters. */

const FINAL_TEXT = 0x81
const TWO_BYTE_LENGTH = 126
const EIGHT_BYTE_LENGTH = 127

/** One unmasked, final text frame (RFC 6455, 5.2), encoded once however many members receive it. */
export function textFrame(payload: string | Buffer): Buffer {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  const header = length < TWO_BYTE_LENGTH ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = FINAL_TEXT
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = TWO_BYTE_LENGTH
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = EIGHT_BYTE_LENGTH
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  if (typeof payload === 'string') frame.write(payload, header)
  else payload.copy(frame, header)
  return frame
}

/** The JSON text that a frame of ours carries. */
export function payloadOf(frame: Buffer): Buffer {
  const short = frame[1] ?? 0
  return frame.subarray(short === EIGHT_BYTE_LENGTH ? 10 : short === TWO_BYTE_LENGTH ? 4 : 2)
}

export function joinedFrame(room: string, members: number): Buffer {
  return textFrame(`{"type":"joined","room":${JSON.stringify(room)},"members":${members}}`)
}

export function leftFrame(room: string): Buffer {
  return textFrame(`{"type":"left","room":${JSON.stringify(room)}}`)
}

export function ackFrame(id: number, message: number): Buffer {
  return textFrame(`{"type":"ack","id":${id},"message":${message}}`)
}

/** `id` names the message that was turned down; without it a join was. */
export function refusedFrame(reason: string, id?: number): Buffer {
  const which = id === undefined ? '' : `"id":${id},`
  return textFrame(`{"type":"refused",${which}"reason":${JSON.stringify(reason)}}`)
}

export function errorFrame(reason: string): Buffer {
  return textFrame(`{"type":"error","reason":${JSON.stringify(reason)}}`)
}

export const PONG_FRAME = textFrame('{"type":"pong"}')

export interface ChatMessage {
  readonly room: string
  readonly from: string
  readonly id: number
  readonly body: string
}

/** What goes through Redis and, framed, to every member. */
export function messageText({room, from, id, body}: ChatMessage): string {
  const head = `{"type":"message","room":${JSON.stringify(room)},"from":${JSON.stringify(from)},`
  return `${head}"id":${id},"body":${JSON.stringify(body)}}`
}
