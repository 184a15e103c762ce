import { test } from 'node:test'
import { underCameraHook } from '../under-attack.ts'

test('a canvas behind an untouched getUserMedia, dressed as a webcam, is noticed: other functions on the way are replaced', () =>
  underCameraHook('patched-media'))
