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
  /** Times that all rooms were heard again after an outage, messages brought from the history then, and such as came twice. */
  resyncs = 0
  resynced = 0
  repeatsDropped = 0
  /** Inserts that failed and were tried again. */
  storeRetries = 0
}
