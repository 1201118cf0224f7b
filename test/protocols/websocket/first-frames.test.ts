import {expect, test} from 'vitest'
import {FirstFrames} from '../../../src/lib/protocols/websocket/first-frames.js'

function shown(text: string | Buffer, token = ''): string | undefined {
  const frames = new FirstFrames(token)
  frames.add(Buffer.from(text), typeof text !== 'string')
  return frames.shown[0]
}

test.each<[string, string | Buffer, string]>([
  ['a short one as it is', '{"op":"hello"}', '{"op":"hello"}'],
  ['a secret hidden by its name', '{"access_token":"abcdef"}', '{"access_token":"***"}'],
  ['the user’s own token hidden wherever it stands', 'welcome s3cr3t!', 'welcome ***!'],
  [
    'control characters made visible',
    'CONNECTED\nversion:1.2\n\n\0\u001b[2J',
    'CONNECTED\\nversion:1.2\\n\\n\\u0000\\u001b[2J',
  ],
  ['bytes in hexadecimal', Buffer.from([0x82, 0xa2]), 'binary, 2 bytes: 82a2'],
])('shows %s', (_case, frame, expected) => {
  expect(shown(frame, 's3cr3t')).toBe(expected)
})

test('cuts a long one to 200 characters, after its secrets were hidden', () => {
  const text = `${'x'.repeat(195)} token=abcdefghijklmnopqrstuvwxyz`
  expect(shown(text)).toHaveLength(200)
  expect(shown(text)).not.toContain('abc')
  expect(shown(text)?.endsWith('…')).toBe(true)
})

test('keeps the first five, and begins anew when told to', () => {
  const frames = new FirstFrames()
  for (let n = 0; n < 9; n++) frames.add(Buffer.from(String(n)), false)
  expect(frames.shown).toEqual(['0', '1', '2', '3', '4'])
  frames.forget()
  frames.add(Buffer.from('later'), false)
  expect(frames.shown).toEqual(['later'])
})
