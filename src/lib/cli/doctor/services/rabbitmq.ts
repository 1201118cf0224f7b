/** Greets a RabbitMQ: its protocol header is answered with connection.start, which tells product and version before any login. */
import {connect, isIP, type Socket} from 'node:net'
import {connect as connectTls} from 'node:tls'
import type {Clock} from '../../../base/clock.js'
import {formatDuration} from '../../../base/format-units.js'
import {type Greeted, PATIENCE} from './greeting.js'

/** AMQP 0-9-1, section 4.2.2. */
const HEADER = Buffer.from('AMQP\0\0\u0009\u0001', 'latin1')
/** A method frame of channel 0, with class 10 (connection) and method 10 (start) behind its size. */
const METHOD_FRAME = Buffer.from([1, 0, 0])
const START = Buffer.from([0, 10, 0, 10])
const START_AT = 7
/** Enough for everything that a server says of itself. */
const ENOUGH_BYTES = 4096

export async function greetRabbitmq(text: string, address: string, clock: Clock): Promise<Greeted> {
  const url = new URL(text)
  const secure = url.protocol === 'amqps:'
  const port = url.port === '' ? (secure ? 5671 : 5672) : Number(url.port)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const start = clock.now()
  const socket = secure
    ? connectTls({host: address, port, servername: isIP(host) === 0 ? host : '', timeout: PATIENCE})
    : connect({host: address, port, timeout: PATIENCE})
  const answer = await firstAnswer(socket, secure ? 'secureConnect' : 'connect')
  return {state: 'ok', value: `${startWords(answer)} in ${formatDuration(clock.now() - start)} · login not tried`}
}

/** Resolves to what came until a whole frame is there; rejects when nothing comes in time. */
function firstAnswer(socket: Socket, ready: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0)
    socket.once(ready, () => socket.write(HEADER))
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (isWhole(answer)) socket.destroy()
    })
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)))
    socket.once('error', reject)
    socket.once('close', () => resolve(answer))
  })
}

function isWhole(answer: Buffer): boolean {
  if (answer.length >= ENOUGH_BYTES) return true
  if (answer.length < START_AT) return false
  return answer.subarray(0, 3).equals(METHOD_FRAME) ? answer.length >= START_AT + answer.readUInt32BE(3) + 1 : true
}

/** Throws an Error when it is no AMQP 0-9-1. */
export function startWords(answer: Buffer): string {
  const isStart = answer.subarray(0, 3).equals(METHOD_FRAME) && answer.subarray(START_AT, START_AT + 4).equals(START)
  if (isStart) return ['AMQP 0-9-1', textOf(answer, 'product'), textOf(answer, 'version')].filter(Boolean).join(' ')
  if (answer.length === 0) throw new Error('it closed the connection without an answer')
  if (answer.subarray(0, 4).toString('latin1') === 'AMQP') throw new Error('it speaks another version of AMQP')
  throw new Error('it does not speak AMQP')
}

/** A long string of the server's properties: its name, `S`, four bytes of length. */
function textOf(answer: Buffer, name: string): string {
  const key = Buffer.concat([Buffer.from([name.length]), Buffer.from(`${name}S`, 'latin1')])
  const at = answer.indexOf(key)
  if (at < 0 || at + key.length + 4 > answer.length) return ''
  const begin = at + key.length + 4
  return answer.toString('utf8', begin, begin + answer.readUInt32BE(begin - 4))
}
