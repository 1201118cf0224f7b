/** Errors that say that our own side ran out of something, so that a failed connection says nothing about the target. */

/** What ran out, and what to do, by the error's code. */
export const OURS_RAN_OUT: Readonly<Record<string, string>> = {
  EMFILE: 'file descriptors: raise the limit (ulimit -n) or add --workers',
  ENFILE: 'file descriptors of the whole machine: raise fs.file-max',
  EADDRNOTAVAIL: 'local ports: add a --source-address or another --target address',
  EADDRINUSE: 'local ports: add a --source-address or another --target address',
  ENOBUFS: 'socket memory: lower --connections',
  ENOMEM: 'memory: lower --connections',
}
