import { sealingContract } from './sealing-contract.ts'

sealingContract('WebCrypto')
