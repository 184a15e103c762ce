/** The public surface of @ipse/lab, exports only: runs in browsers and in Node. Files and JPEG are in "@ipse/lab/node". */
export * from './frame.ts'
export * from './photometry.ts'
export * from './random.ts'
export * from './subject.ts'
