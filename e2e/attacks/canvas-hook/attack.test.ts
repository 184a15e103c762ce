import { test } from 'node:test'
import { underCameraHook } from '../under-attack.ts'

test('a canvas in the place of the camera is noticed, even when its head obeys every prompt', () =>
  underCameraHook('canvas-hook'))
