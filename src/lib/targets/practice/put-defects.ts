/** Tells a running node which defects it has from now on. */
import {request} from 'undici'
import {httpUrlOf} from '../profile/url.js'
import {typedDefect, type DefectSpec} from './defects/parse-defect.js'

export interface DefectChoice {
  readonly specs: readonly DefectSpec[]
  /** Makes their choices repeatable. */
  readonly seed: string
}

/** Rejects when the node does not answer, or does not take them. */
export async function putDefects(url: string, {specs, seed}: DefectChoice): Promise<void> {
  const {statusCode, body} = await request(`${httpUrlOf(url)}/defects`, {
    method: 'PUT',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({defects: specs.map(typedDefect), seed}),
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  })
  const answer = await body.text()
  if (statusCode !== 200) throw new Error(`${url} did not take the defects: ${answer}`)
}
