/** How a user of an event stream says something: by a request beside it. */
import type {PlainRequest} from '../http/send.js'
import {compileTemplate} from '../template.js'
import type {HttpPublish} from '../websocket/protocol.js'

/** What is known of a user and its message. */
type Said = Readonly<Record<string, string | number>>

export interface Publishing {
  /** What the templates mention, each once. */
  readonly names: readonly string[]
  /** `stream`: address of the user's event stream, on whose host the path is. */
  fill(said: Said, stream: string): PlainRequest
}

/** Throws a UsageError for a name that is not in `names`. */
export function compilePublishing(
  {method = 'POST', url, headers = {}, body}: HttpPublish,
  names: readonly string[],
): Publishing {
  const path = compileTemplate(url, names)
  const isJson = typeof body === 'object' || /^\s*[{[]/.test(body ?? '')
  const content = compileTemplate(typeof body === 'object' ? JSON.stringify(body) : (body ?? ''), names)
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  const type = {'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded'}
  const own = Object.entries({...(typed || body === undefined ? {} : type), ...headers}).map(
    ([name, text]) => [name, compileTemplate(text, names)] as const,
  )
  return {
    names: [...path.names, ...content.names],
    fill: (said, stream) => ({
      method,
      url: new URL(path.fillUrl(said), stream).href,
      headers: Object.fromEntries(own.map(([name, text]) => [name, text.fill(said)])),
      body: body === undefined ? undefined : isJson ? content.fillJson(said) : content.fillUrl(said),
    }),
  }
}
