/** What is asked of a node over HTTP, and what it answers. */

export interface Reply {
  readonly status: number
  /** Text goes out as it is, anything else as JSON. */
  readonly body: unknown
  readonly type?: string
}

export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** Reads the request body; rejects with TooLarge when it is. */
  body(): Promise<string>
}

/** The request body is larger than the node reads. */
export class TooLarge extends Error {
  constructor(atMost: number) {
    super(`the request body is larger than ${atMost} bytes`)
    this.name = 'TooLarge'
  }
}
