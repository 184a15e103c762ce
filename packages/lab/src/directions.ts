/**
 * The one place that knows what a direction means on the screen. A challenge names the subject's own directions;
 * camera frames are not mirrored, so the subject's left is the image's right.
 */
import type { Direction } from '@ipse/protocol'

/** Signs of the head pose that answers a direction: yaw > 0 is the nose to the image's right, pitch > 0 is up. */
export function poseSigns(direction: Direction): { readonly yaw: -1 | 0 | 1; readonly pitch: -1 | 0 | 1 } {
  switch (direction) {
    case 'left':
      return { yaw: 1, pitch: 0 }
    case 'right':
      return { yaw: -1, pitch: 0 }
    case 'up':
      return { yaw: 0, pitch: 1 }
    case 'down':
      return { yaw: 0, pitch: -1 }
  }
}

/** Every direction of the protocol; written out because the rendering core imports nothing at run time. */
export const ALL_DIRECTIONS = ['left', 'right', 'up', 'down'] as const satisfies readonly Direction[]
