/** What the command reads from operators' files: lists, and recordings. */
import { IpseError, utf8 } from '@ipse/protocol'
import type { Parser } from '../../protocol/test/fuzz.ts'
import { parsePairs } from '../src/eval/pairs.ts'
import { parseSamples } from '../src/eval/samples.ts'

const isOurs = (error: unknown) => error instanceof IpseError
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

export const PARSERS: readonly Parser[] = [
  {
    name: 'list of pairs',
    samples: [utf8('a,b,mated\nx.jpg,y.jpg,1\n"q ""z"".jpg",y.jpg,false\n')],
    parse: (bytes) => parsePairs('/pairs.csv', text(bytes)),
    refuses: isOurs,
  },
  {
    name: 'list of samples',
    samples: [utf8('path,label,species\nx.jpg,bona-fide,\ny.jpg,attack,print-photo\n')],
    parse: (bytes) => parseSamples('/samples.csv', text(bytes)),
    refuses: isOurs,
  },
]
