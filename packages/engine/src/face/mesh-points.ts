/**
 * Indices into the 468-point mesh. "Right" is the subject's right, which is the image's left.
 * Source: the canonical face model of MediaPipe (google/mediapipe, modules/face_geometry/data)
 */
export const MESH_POINTS = 468

export const POINT = {
  foreheadTop: 10,
  chin: 152,
  rightCheek: 234,
  leftCheek: 454,
  rightEyeOuter: 33,
  rightEyeInner: 133,
  leftEyeInner: 362,
  leftEyeOuter: 263,
  noseTip: 1,
  noseBase: 2,
  mouthRight: 61,
  mouthLeft: 291,
  innerLipTop: 13,
  innerLipBottom: 14,
} as const

/** Upper and lower lid points that face each other. */
export const RIGHT_LIDS = [
  [159, 145],
  [158, 153],
] as const
export const LEFT_LIDS = [
  [386, 374],
  [385, 380],
] as const

/** Contours of the eyes, clockwise in the image from the corner at its left; the ninth point is the other corner. */
export const RIGHT_EYE = [
  33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7,
] as const
export const LEFT_EYE = [
  362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382,
] as const

/** The outline of the face, clockwise from the top of the forehead. */
export const FACE_OVAL = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const
