/**
 * Pins as apps take them: Android's network security configuration (developer.android.com, "Network security
 * configuration", pin-set) and iOS's NSPinnedDomains (developer.apple.com, "Identity pinning"). Pure.
 */

/** A host name as both formats and XML take it without escapes. */
export const HOST =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

/** @param until day after which Android checks the pins no longer, `YYYY-MM-DD` */
export function androidConfiguration(host: string, pins: readonly string[], until: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<network-security-config>
  <domain-config cleartextTrafficPermitted="false">
    <domain includeSubdomains="false">${host}</domain>
    <pin-set expiration="${until}">
${pins.map((pin) => `      <pin digest="SHA-256">${pin}</pin>`).join('\n')}
    </pin-set>
  </domain-config>
</network-security-config>
`
}

/** The part for the app's Info.plist, as a property list of its own. */
export function iosPropertyList(host: string, pins: readonly string[]): string {
  const identities = pins.map(
    (pin) => `          <dict>
            <key>SPKI-SHA256-BASE64</key>
            <string>${pin}</string>
          </dict>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>NSAppTransportSecurity</key>
  <dict>
    <key>NSPinnedDomains</key>
    <dict>
      <key>${host}</key>
      <dict>
        <key>NSIncludesSubdomains</key>
        <false/>
        <key>NSPinnedLeafIdentities</key>
        <array>
${identities.join('\n')}
        </array>
      </dict>
    </dict>
  </dict>
</dict>
</plist>
`
}
