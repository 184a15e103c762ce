/** A sheet of paper with the subject's photograph on it, flat or bent, moved by hand in front of the room. */
import type { Frame } from './frame.ts'
import { headRotation } from './linear.ts'
import type { Grain } from './noise.ts'
import { develop } from './photometry.ts'
import { clearDepth, createSurface, drawMesh, type ScreenMesh, type Surface, type Texture } from './raster.ts'
import type { Subject, SubjectState } from './subject.ts'

/** Half the size of the sheet and the width of its white border, in face widths. */
const HALF_WIDTH = 1.25
const HALF_HEIGHT = 1.55
const BORDER = 0.07
const COLUMNS = 24
const ROWS = 16
/** Print look: black and white of ordinary paper in sRGB, and a loss of colour. */
const INK_BLACK = 30
const PAPER_WHITE = 238
const COLOUR_KEPT = 0.85
/** Share of the light that does not depend on the direction of the paper. */
const AMBIENT = 0.7

export interface Sheet {
  readonly width: number
  readonly height: number
  readonly print: Texture
  readonly backdrop: Texture
  /** Columns and rows of the grid in sheet coordinates: pixels from the sheet's centre. */
  readonly grid: Float32Array
  readonly mesh: ScreenMesh
  readonly room: ScreenMesh
  readonly roomBase: Float32Array
  readonly centre: readonly [number, number]
  readonly cameraDistancePx: number
  readonly faceWidthPx: number
  readonly surface: Surface
}

/** Prints the subject's photograph. */
export function createSheet(subject: Subject): Sheet {
  const { level, mesh } = subject
  const fw = level.faceWidthPx
  const centre = [mesh.principal[0], mesh.principal[1] + 0.12 * fw] as const
  const grid = new Float32Array(2 * (COLUMNS + 1) * (ROWS + 1))
  const uv = new Float32Array(grid.length)
  for (let row = 0, at = 0; row <= ROWS; row++) {
    for (let column = 0; column <= COLUMNS; column++, at += 2) {
      grid[at] = (2 * (column / COLUMNS) - 1) * HALF_WIDTH * fw
      grid[at + 1] = (2 * (row / ROWS) - 1) * HALF_HEIGHT * fw
      uv[at] = grid[at] + centre[0] + level.offsetX
      uv[at + 1] = grid[at + 1] + centre[1] + level.offsetY
    }
  }
  const [w, h] = [subject.backdrop.width, subject.backdrop.height]
  return {
    width: subject.width,
    height: subject.height,
    print: print(subject, centre),
    backdrop: subject.backdrop,
    grid,
    mesh: { points: new Float32Array((grid.length / 2) * 3), uv, triangles: gridTriangles() },
    room: {
      points: new Float32Array(12),
      uv: Float32Array.of(0, 0, w, 0, 0, h, w, h),
      triangles: Uint16Array.of(0, 1, 2, 1, 3, 2),
    },
    roomBase: Float32Array.of(0, 0, w, 0, 0, h, w, h).map(
      (v, i) => v - (i % 2 ? level.offsetY : level.offsetX),
    ),
    centre,
    cameraDistancePx: mesh.cameraDistancePx,
    faceWidthPx: fw,
    surface: createSurface(subject.width, subject.height),
  }
}

/**
 * Renders the sheet: yaw, pitch and roll turn the paper itself, `near` and `shift` move it, the room stays.
 * @param bendRad arc of the bent sheet over its width, convex towards the camera; 0 is flat
 */
export function renderSheet(
  sheet: Sheet,
  state: SubjectState,
  bendRad: number,
  out: Frame,
  grain?: Grain,
): void {
  const { grid, mesh, surface } = sheet
  const place = placeOnSheet(sheet, state, bendRad)
  for (let i = 0; i < grid.length / 2; i++) place(grid[2 * i], grid[2 * i + 1], mesh.points, 3 * i)
  for (let i = 0; i < 4; i++) {
    sheet.room.points[3 * i] = sheet.roomBase[2 * i]
    sheet.room.points[3 * i + 1] = sheet.roomBase[2 * i + 1]
    sheet.room.points[3 * i + 2] = 1e6
  }
  clearDepth(surface)
  drawMesh(surface, mesh, sheet.print)
  drawMesh(surface, sheet.room, sheet.backdrop)
  const facing = headRotation(state.yawDeg, state.pitchDeg, state.rollDeg)[8]
  develop(surface, state.gain * (AMBIENT + (1 - AMBIENT) * facing), out, grain)
}

/** Writes where a place on the sheet (pixels from its centre) is seen: x, y in the frame and depth. */
export type PlaceOnSheet = (sheetX: number, sheetY: number, into: Float32Array, at: number) => void

export function placeOnSheet(sheet: Sheet, state: SubjectState, bendRad: number): PlaceOnSheet {
  const turn = headRotation(state.yawDeg, state.pitchDeg, state.rollDeg)
  const focal = sheet.cameraDistancePx
  const half = HALF_WIDTH * sheet.faceWidthPx
  const radius = bendRad > 0 ? (2 * half) / bendRad : 0
  const originX = sheet.centre[0] + state.shift.x * sheet.width
  const originY = sheet.centre[1] + state.shift.y * sheet.height
  return (sheetX, y, into, at) => {
    const angle = (sheetX / half) * (bendRad / 2)
    const x = bendRad > 0 ? radius * Math.sin(angle) : sheetX
    const z = bendRad > 0 ? radius * (1 - Math.cos(angle)) : 0
    const depth = focal / state.near + turn[6] * x + turn[7] * y + turn[8] * z
    const scale = focal / depth
    into[at] = originX + (turn[0] * x + turn[1] * y + turn[2] * z) * scale
    into[at + 1] = originY + (turn[3] * x + turn[4] * y + turn[5] * z) * scale
    into[at + 2] = depth
  }
}

/** The texture as an ordinary printer gives it, with a white border around what is shown. */
function print(subject: Subject, centre: readonly [number, number]): Texture {
  const { width, height, pixels } = subject.texture
  const { level } = subject
  const inner = [HALF_WIDTH - BORDER, HALF_HEIGHT - BORDER].map((half) => half * level.faceWidthPx)
  const printed = new Uint32Array(pixels.length)
  for (let v = 0; v < height; v++) {
    const dy = Math.abs(v - level.offsetY - centre[1])
    for (let u = 0; u < width; u++) {
      const i = v * width + u
      if (dy > inner[1] || Math.abs(u - level.offsetX - centre[0]) > inner[0]) {
        printed[i] = (255 << 24) | (PAPER_WHITE << 16) | (PAPER_WHITE << 8) | PAPER_WHITE
        continue
      }
      const texel = pixels[i]
      const luma = 0.3 * (texel & 255) + 0.59 * ((texel >>> 8) & 255) + 0.11 * ((texel >>> 16) & 255)
      let packed = 255 << 24
      for (let c = 0; c < 3; c++) {
        const value = luma + COLOUR_KEPT * (((texel >>> (8 * c)) & 255) - luma)
        packed |= Math.round(INK_BLACK + ((PAPER_WHITE - INK_BLACK) * value) / 255) << (8 * c)
      }
      printed[i] = packed
    }
  }
  return { width, height, pixels: printed }
}

function gridTriangles(): Uint16Array {
  const triangles: number[] = []
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const a = row * (COLUMNS + 1) + column
      const b = a + COLUMNS + 1
      triangles.push(a, a + 1, b, a + 1, b + 1, b)
    }
  }
  return Uint16Array.from(triangles)
}
