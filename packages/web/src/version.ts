/** Name and version of this element as the service hears it; a test holds it to package.json. */
export const VERSION = '0.1.0'
export const SDK: string = `ipse-web/${VERSION}`
