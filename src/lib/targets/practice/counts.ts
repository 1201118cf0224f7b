/** What a node has done since it started; read by `/metrics`. */

export class Counts {
  handshakes = 0
  handshakesRefused = 0
  published = 0
  refused = 0
  received = 0
  delivered = 0
  protocolErrors = 0
  slowConsumersClosed = 0
}
