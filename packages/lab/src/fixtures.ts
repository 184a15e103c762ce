/**
 * Which faces of the photographs in @vladmandic/face-api 1.7.15 (demo/, MIT package, picture rights of their own) make
 * good subjects. The photographs are read from the installed package and never copied into this repository.
 */

export interface Fixture {
  /** Stable name of the subject; different names are different people to the eye. */
  readonly name: string
  /** File in the package's demo folder. */
  readonly photo: string
  /** Centre and width of the detected face box in pixels of the photograph. */
  readonly face: { readonly x: number; readonly y: number; readonly width: number }
}

/** The best first: plain contour, little turned. The two photographs of the first two show different people. */
export const FIXTURES: readonly Fixture[] = [
  { name: 'subject-a', photo: 'sample6.jpg', face: { x: 353, y: 645, width: 218 } },
  { name: 'subject-b', photo: 'sample3.jpg', face: { x: 691, y: 485, width: 203 } },
  { name: 'subject-c', photo: 'sample6.jpg', face: { x: 1589, y: 436, width: 247 } },
  { name: 'subject-d', photo: 'sample5.jpg', face: { x: 861, y: 244, width: 166 } },
  { name: 'subject-e', photo: 'sample3.jpg', face: { x: 1189, y: 382, width: 248 } },
  { name: 'subject-f', photo: 'sample5.jpg', face: { x: 1204, y: 350, width: 180 } },
]

/**
 * People who took no part in any calibration: neither the renderer nor the service's limits have seen them. Bona fide
 * rates and attacks are measured with them. All keep the mouth nearly closed: a laughing photograph is no neutral face.
 */
export const HELD_OUT: readonly Fixture[] = [
  { name: 'subject-g', photo: 'sample5.jpg', face: { x: 1523, y: 546, width: 213 } },
  { name: 'subject-h', photo: 'sample1.jpg', face: { x: 938, y: 554, width: 176 } },
  { name: 'subject-i', photo: 'sample5.jpg', face: { x: 461, y: 1045, width: 206 } },
  { name: 'subject-j', photo: 'sample4.jpg', face: { x: 759, y: 210, width: 165 } },
]

/** The photograph around the face that a subject is made from, in face box widths to each side. */
export const SURROUND = 2.6
/** The part that is shown to a detector, so that no neighbour of a group photograph is found instead. */
export const CLOSE_UP = 0.85
