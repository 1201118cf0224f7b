/** Reads pages of a watched server over HTTP; what the URL has of credentials goes into a header and nowhere else. */
import {lookup} from 'node:dns'
import {textReader, type TextReader} from '../protocols/http/get-text.js'
import {PATIENCE, WATCHER_NAME, type WatcherKit} from './watcher.js'

/** A node exporter's page is 100 KB; a page of this size would cost more than it tells. */
const MOST_BYTES = 8 * 2 ** 20

export interface Page {
  /** Without credentials. */
  readonly url: URL
  readonly reader: TextReader
}

export function openPage(text: string, accept: string, {certificates}: WatcherKit): Page {
  const url = new URL(text)
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  const basic = `Basic ${Buffer.from(credentials).toString('base64')}`
  url.username = ''
  url.password = ''
  const reader = textReader({
    headers: {accept, 'user-agent': WATCHER_NAME, ...(credentials === ':' ? {} : {authorization: basic})},
    timeoutMs: PATIENCE,
    atMost: MOST_BYTES,
    lookup,
    ...certificates,
  })
  return {url, reader}
}
