/** The JSON schemas that we ship for editors, made from the same source as the types. */
import {z} from 'zod'
import {protocolSchema} from '../../protocols/websocket/protocol.js'
import {profileSchema} from './schema.js'

type JsonSchema = Readonly<Record<string, unknown>>

/** JSON schema of proofload.yaml. */
export function profileJsonSchema(): JsonSchema {
  return {title: 'proofload profile', ...z.toJSONSchema(profileSchema)}
}

/** JSON schema of a protocol file. */
export function protocolJsonSchema(): JsonSchema {
  return {title: 'proofload WebSocket protocol', ...z.toJSONSchema(protocolSchema)}
}
