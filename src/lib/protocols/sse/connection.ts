/** One virtual user of a backend that pushes by server-sent events: its event stream, and the requests by which it speaks. */
import {EventEmitter} from 'node:events'
import {request as requestHttp, type ClientRequest, type IncomingMessage} from 'node:http'
import {request as requestHttps, type RequestOptions} from 'node:https'
import type {ClientOptions} from 'ws'
import type {ChatConnection, Line, Stage} from '../chat-connection.js'
import type {PlainRequest} from '../http/send.js'
import type {StampListener} from '../stamp.js'
import {Desk} from './desk.js'
import {carriesData, EventCutter, idOf} from './events.js'

export class SseConnection extends EventEmitter implements ChatConnection, StampListener {
  readonly user: number
  stage: Stage = 'connecting'
  /** The one answer that it may wait for is that of the join. */
  readonly step = 0
  readonly protocol = ''
  readonly #line: Line
  readonly #url: string
  readonly #options: ClientOptions
  readonly #request: ClientRequest
  readonly #events: EventCutter
  #failure: string | undefined
  #abandoned = false
  #ended = false
  #lastId = 0
  /** Requests of one user go one after the other: at the same time they would take different connections, and overtake each other. */
  #saying: Promise<void> = Promise.resolve()

  constructor(line: Line, {user, url, options}: {user: number; url: string; options: ClientOptions}) {
    super()
    this.user = user
    this.#line = line
    this.#url = url
    this.#options = options
    this.#events = new EventCutter(line.dialect.maxFrame)
    const last = Desk.of(line).lastIds.get(user)
    const request = url.startsWith('https:') ? requestHttps : requestHttp
    this.#request = request(url, {
      ...(options as unknown as RequestOptions),
      agent: false,
      headers: {
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
        ...options.headers,
        ...(last === undefined ? {} : {'last-event-id': last}),
      },
    })
    this.#request.on('response', (response) => this.#answered(response))
    this.#request.on('error', (error: Error & {code?: string}) => (this.#failure ??= error.code ?? error.message))
    this.#request.on('close', () => this.#finished())
    this.#request.end()
  }

  publish(body: string, sequence: number): number {
    const id = ++this.#lastId
    const {publishing} = this.#line.dialect
    if (!publishing) throw new Error('a protocol over sse publishes by http')
    const request = publishing.fill({...this.#line.who(this.user), id, body, sequence}, this.#url)
    this.#saying = this.#saying.then(() => this.#say(id, request))
    return id
  }

  depart(): void {
    this.terminate()
  }

  close(): void {
    this.terminate()
  }

  abandon(reason: string): void {
    this.#abandoned = true
    this.#failure ??= reason
    this.terminate()
  }

  terminate(): void {
    this.#failure ??= 'code-1000'
    this.#request.destroy()
  }

  /** An event stream is kept open by its server. */
  keepAlive(): void {
    return
  }

  ping(): void {
    return
  }

  stamp(publisher: number, sequence: number, due: number): void {
    this.#line.listener.stamp(this, publisher, sequence, due)
  }

  broken(): void {
    this.#line.listener.protocolError(this, 'broken-stamp')
  }

  async #say(id: number, request: PlainRequest): Promise<void> {
    if (this.stage === 'closed') return
    const answer = await Desk.of(this.#line).send(request, this.#options)
    this.#said(id, answer.state === 'answered' ? answer.status : undefined)
  }

  /** A refusal is certain; what a server says of its own trouble, or never says, leaves open what became of the message. */
  #said(id: number, status: number | undefined): void {
    if (this.stage === 'closed' || status === undefined) return
    if (status >= 200 && status < 300) this.#line.listener.acked(this, id)
    else if (status < 500 || status === 503) this.#line.listener.publishRefused(this, id)
  }

  #answered(response: IncomingMessage): void {
    const {statusCode = 0, headers} = response
    const isStream = headers['content-type']?.startsWith('text/event-stream') === true
    if (statusCode !== 200 || !isStream) {
      this.#failure ??= statusCode === 200 ? 'no-event-stream' : `status-${statusCode}`
      this.emit('unexpected-response', this.#request, response)
      this.#request.destroy()
      return
    }
    this.stage = 'entering'
    this.emit('open')
    response.on('data', (chunk: Buffer) => this.#came(chunk))
    response.on('end', () => (this.#ended = true))
    response.on('error', (error: Error & {code?: string}) => (this.#failure ??= error.code ?? error.message))
    if (this.#line.dialect.entrance[0]?.until === undefined) this.#enter()
  }

  #enter(): void {
    this.stage = 'in'
    this.#line.listener.entered(this)
  }

  #came(chunk: Buffer): void {
    if (this.#events.cut(chunk, (event) => this.#hear(event))) return
    this.#line.listener.protocolError(this, 'event-too-large')
    this.#failure ??= 'event-too-large'
    this.#request.destroy()
  }

  #hear(event: Buffer): void {
    if (this.#abandoned || !carriesData(event)) return
    this.emit('message', event, false)
    const {dialect, reader, listener} = this.#line
    this.#remember(event)
    if (dialect.refused?.(event)) return this.#refused()
    const stamped = reader.read(event, this) > 0
    if (this.stage === 'entering' && this.#isAwaited(event)) this.#enter()
    else if (!stamped && dialect.error?.(event)) listener.protocolError(this, 'error-frame')
  }

  #isAwaited(event: Buffer): boolean {
    return this.#line.dialect.entrance[0]?.until?.(event) === true
  }

  /** A message is refused by the answer to its request, and not by an event. */
  #refused(): void {
    if (this.stage === 'entering') this.abandon('join-refused')
  }

  #remember(event: Buffer): void {
    const id = idOf(event)
    if (id !== undefined) Desk.of(this.#line).lastIds.set(this.user, id)
  }

  #finished(): void {
    const {stage} = this
    if (stage === 'closed') return
    this.stage = 'closed'
    const cut = this.#failure === undefined && stage !== 'connecting' && this.#events.isHalfway
    if (cut) this.#line.listener.protocolError(this, 'half-event')
    const reason = this.#failure ?? (stage === 'connecting' ? 'closed-during-handshake' : 'stream-ended')
    const code = this.#ended || reason === 'code-1000' ? 1000 : 1006
    this.#line.listener.ended(this, {stage, code, reason, refused: this.#abandoned})
    this.emit('close')
  }
}
