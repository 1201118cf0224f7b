/** All toxics, by the names that the API gives them. */
import type {ToxicKind} from '../link/stage.js'
import type {ToxicType} from '../toxic.js'
import {bandwidth} from './bandwidth.js'
import {latency} from './latency.js'
import {limitData} from './limit-data.js'
import {resetPeer} from './reset-peer.js'
import {slicer} from './slicer.js'
import {slowClose} from './slow-close.js'
import {timeout} from './timeout.js'

export const TOXICS: Readonly<Record<ToxicType, ToxicKind>> = {
  latency,
  bandwidth,
  slow_close: slowClose,
  timeout,
  reset_peer: resetPeer,
  slicer,
  limit_data: limitData,
}

export function isToxicType(text: string): text is ToxicType {
  return Object.hasOwn(TOXICS, text)
}
