import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, parseAddressList } from '../src/addresses.ts'
import { exposureProblems, isExposed } from '../src/listen/exposure.ts'
import { parseSettings } from '../src/parse-settings.ts'

const PROXIED = {
  'server.publicUrl': 'https://ipse.example',
  'server.trustedProxies': '10.0.0.2',
} as const
const OWN_TLS = {
  'server.publicUrl': 'https://ipse.example',
  'tls.certificate': 'chain.pem',
  'tls.key': 'key.pem',
} as const
const TOKEN = 'a'.repeat(32)
const ADMIN_INSIDE = { 'server.adminListen': '127.0.0.1:8421' } as const

/** Settings, and what of them is said to be wrong: nothing where the service may start. */
const CASES: readonly (readonly [string, Readonly<Record<string, string>>, ...RegExp[]])[] = [
  ['nothing set', {}],
  ['another loopback address', { 'server.host': '::1' }],
  ['development on this machine', { 'server.development': 'true' }],
  ['loopback behind a proxy', PROXIED],
  [
    'all the world over plain HTTP',
    { 'server.host': '0.0.0.0', 'metrics.token': TOKEN },
    /server\.host is 0\.0\.0\.0.*plain HTTP/,
  ],
  [
    'a proxy that is not named',
    { 'server.host': '::', 'server.publicUrl': 'https://ipse.example', 'metrics.token': TOKEN },
    /server\.host is ::.*plain HTTP/,
  ],
  ['a declared proxy', { ...PROXIED, 'server.host': '10.0.0.5', 'metrics.token': TOKEN }],
  ['a declared proxy, administration inside', { ...PROXIED, ...ADMIN_INSIDE, 'server.host': '10.0.0.5' }],
  ['own TLS', { ...OWN_TLS, ...ADMIN_INSIDE, 'server.host': '0.0.0.0' }],
  [
    'own TLS, administration without a token',
    { ...OWN_TLS, 'server.host': '0.0.0.0' },
    /server\.host is 0\.0\.0\.0.*metrics\.token is empty/,
  ],
  [
    'own TLS, a short token on an admin listener of its own',
    { ...OWN_TLS, 'server.adminListen': '10.0.0.5:8421', 'metrics.token': 'secret' },
    /server\.adminListen is 10\.0\.0\.5.*metrics\.token has fewer than 32/,
  ],
  [
    'each listener is judged by itself',
    { 'server.apiListen': '10.0.0.5:1', 'server.adminListen': '[fd00::1]:2' },
    /server\.apiListen is 10\.0\.0\.5.*plain HTTP/,
    /server\.adminListen is fd00::1.*plain HTTP/,
    /server\.adminListen.*metrics\.token/,
  ],
  [
    'simulated cameras for everybody',
    { ...OWN_TLS, ...ADMIN_INSIDE, 'server.host': '0.0.0.0', 'server.development': 'true' },
    /simulated cameras/,
  ],
  ['a plain public address', { 'server.publicUrl': 'http://ipse.example' }, /no camera to plain HTTP/],
  ['a plain API address', { 'server.apiUrl': 'http://api.example' }, /server\.apiUrl/],
  ['a plain console address', { 'server.adminUrl': 'http://admin.example' }, /server\.adminUrl/],
  ['half of a certificate', { 'tls.key': 'key.pem' }, /go together/],
  [
    'TLS with a plain public address',
    { 'tls.certificate': 'c', 'tls.key': 'k' },
    /but the listeners speak TLS/,
  ],
  [
    'client certificates without authorities',
    { ...OWN_TLS, 'tls.clientCertificates': 'optional' },
    /nothing to verify/,
  ],
  [
    'client certificates without TLS',
    { 'tls.clientCertificates': 'optional', 'tls.clientCa': 'ca.pem' },
    /nothing to verify/,
  ],
  [
    'client certificates asked of browsers',
    { ...OWN_TLS, 'tls.clientCertificates': 'required', 'tls.clientCa': 'ca.pem' },
    /browsers have none/,
  ],
  [
    'client certificates at the API',
    {
      ...OWN_TLS,
      'tls.clientCertificates': 'required',
      'tls.clientCa': 'ca.pem',
      'server.apiListen': '127.0.0.1:1',
    },
  ],
  [
    'a proxy that is no address',
    { ...PROXIED, 'server.trustedProxies': '10.0.0.0/33' },
    /10\.0\.0\.0\/33 is no address/,
  ],
]

for (const [name, named, ...wanted] of CASES)
  test(`exposure: ${name}`, () => {
    const problems = exposureProblems(parseSettings({ named }))
    assert.equal(problems.length, wanted.length, JSON.stringify(problems))
    for (const [index, pattern] of wanted.entries()) assert.match(problems[index]?.detail ?? '', pattern)
    for (const { advice } of problems) assert.ok(advice.length > 10)
  })

test('exposed is what other machines reach, directly or through the public address', () => {
  for (const [named, exposed] of [
    [{}, false],
    [PROXIED, true],
    [{ 'server.apiListen': '10.0.0.5:1' }, true],
    [{ 'server.publicUrl': 'https://localhost:1' }, false],
  ] as const)
    assert.equal(isExposed(parseSettings({ named })), exposed, JSON.stringify(named))
})

test('settings of listeners say what they take', () => {
  for (const [name, text] of [
    ['server.apiListen', '8421'],
    ['server.apiListen', '10.0.0.5'],
    ['server.apiListen', '::1:8421'],
    ['server.apiListen', 'http://x:1'],
    ['server.adminListen', 'x:65536'],
    ['tls.clientCertificates', 'yes'],
  ] as const)
    assert.throws(() => parseSettings({ named: { [name]: text } }), { code: 'settings_invalid' }, text)
})

test('address lists: single addresses, ranges, both families, IPv4 inside IPv6', () => {
  const has = parseAddressList(['10.0.0.2', '192.168.0.0/16', 'fd00::/8', '0.0.0.0/32'])
  for (const address of ['10.0.0.2', '::ffff:10.0.0.2', '192.168.3.4', 'fd12::1'])
    assert.ok(has(address), address)
  for (const address of ['10.0.0.3', '::ffff:10.0.0.3', '192.169.0.1', 'fe80::1', '', 'unknown'])
    assert.ok(!has(address), address)
  const bad = [
    '',
    'proxy',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    'fd00::/129',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
  ]
  for (const text of bad) assert.throws(() => parseAddressList([text]), TypeError, text)
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1'])
    assert.ok(isLoopback(host), host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'localhost.example', ''])
    assert.ok(!isLoopback(host), host)
})
