/** Loads `<ipse-check>` from Ipse with its integrity value, once. It is not part of this site's bundle. */

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string
  }
}

let loading: Promise<void> | undefined

export function loadElement({ url, integrity }: { url: string; integrity: string }): Promise<void> {
  loading ??= new Promise<void>((resolve, reject) => {
    const script = document.createElement('script')
    script.type = 'module'
    script.crossOrigin = 'anonymous'
    if (integrity) script.integrity = integrity
    const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
    // The address comes from this site's backend; integrity and script-src hold it to Ipse's own module.
    const policy = trustedTypes?.createPolicy('relying-party', { createScriptURL: (text) => text })
    script.src = policy?.createScriptURL(url) ?? url
    script.addEventListener('load', () =>
      customElements.whenDefined('ipse-check').then(() => resolve(), reject),
    )
    script.addEventListener('error', () => reject(new Error('The camera check could not be loaded.')))
    document.head.append(script)
  })
  return loading
}
