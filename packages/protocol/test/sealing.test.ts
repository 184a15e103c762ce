import { createSealingKey } from '../src/index.ts'
import { sealingContract } from './sealing-contract.ts'

sealingContract('WebCrypto', { createSealingKey })
