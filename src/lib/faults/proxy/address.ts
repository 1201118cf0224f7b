/** Addresses as Toxiproxy writes them: `host:port`, an IPv6 host in brackets. */

export interface Address {
  /** Without brackets; empty when there was none. */
  readonly host: string
  readonly port: number
}

/** Undefined when the text is no address: no port, or none from 0 to 65535. */
export function parseAddress(text: string): Address | undefined {
  const parts = /^(?:\[(?<six>[^\]]*)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text)?.groups
  const port = Number(parts?.['port'])
  if (parts === undefined || port > 65_535) return undefined
  return {host: parts['six'] ?? parts['host'] ?? '', port}
}

export function formatAddress({host, port}: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
