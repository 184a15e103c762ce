/** The public surface of @ipse/protocol, exports only. */
export * from './errors.ts'
export * from './measurement.ts'
