/** What the decoder accepts. Every figure keeps one hostile upload from costing more than a fair one. */
export const DECODE_LIMITS = {
  /** Largest encoded image, bytes: a 12-megapixel JPEG at quality 95 has about 6 MB. */
  maxBytes: 10 * 1024 * 1024,
  /** Largest picture that is decoded, pixels: 25 megapixels take 75 MB as RGB. */
  maxPixels: 25_000_000,
  /** Decoded pictures are shrunk until their long side is at most this, pixels (measured, docs/evaluation.md). */
  maxLongSide: 1280,
  /** Smallest side of a picture in which a face could be measured, pixels. */
  minSide: 16,
  /** Wall time that libvips may spend on one picture, seconds. */
  timeoutSeconds: 2,
} as const

/** What parts a picture may have, looked at before it is decoded. */
export const PART_LIMITS = {
  /**
   * Segments before a JPEG's first scan and bytes between them, chunks of a PNG or WebP: 10 MB in chunks of 4096 bytes, as some
   * encoders write, are 2560.
   */
  maxParts: 4096,
  /** Compressed profile and texts of a PNG together, bytes; at zlib's most of 1032 : 1 they take about 30 ms to inflate. */
  maxInflatedBytes: 256 * 1024,
  /**
   * Of a PNG: A4 scanned at 300 dots an inch has 8.7 million, a 4K screen 8.3, and a photograph of so many more than 10 MB. That
   * one is damaged shows at its end, and 73 kB inflate to 25 million.
   */
  maxPngPixels: 9_000_000,
  /** Of a PNG that is interlaced, seven passes kept in memory as a whole; cameras make none. */
  maxInterlacedPixels: 2_000_000,
} as const
