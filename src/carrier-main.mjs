import { carry } from './carry.ts'

await carry()
