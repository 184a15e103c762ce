/** The public surface of @ipse/web, exports only. Import `@ipse/web/define` to register the element. */
export type { CameraSource } from './camera.ts'
export { IpseCheck } from './element.ts'
export * from './events.ts'
export { LANGUAGES } from './strings/index.ts'
export type { Strings } from './strings/strings.ts'
export { SDK, VERSION } from './version.ts'
