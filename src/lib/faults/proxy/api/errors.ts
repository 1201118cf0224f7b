/** Failures as the Toxiproxy API tells them: a status and a text that its clients compare. */

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

export const badBody = (detail: string) => new ApiError(400, `bad request body: ${detail}`)
export const missingField = (field: string) => new ApiError(400, `missing required field: ${field}`)
export const badStream = () => new ApiError(400, 'stream was invalid, can be either upstream or downstream')
export const badToxicType = () => new ApiError(400, 'invalid toxic type')
export const proxyNotFound = () => new ApiError(404, 'proxy not found')
export const toxicNotFound = () => new ApiError(404, 'toxic not found')
export const proxyExists = () => new ApiError(409, 'proxy already exists')
export const toxicExists = () => new ApiError(409, 'toxic already exists')
