/** The public surface of @ipse/engine, exports only. */
export type * from './types.ts'
