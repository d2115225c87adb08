import { newKey } from '../testing.ts'
import { sealFor } from '../messages.ts'
import { bytesOf } from './output.ts'
const now=Date.now()
const n=Number(process.argv[2])
const ks=await Promise.all(Array.from({length:n},(_, i)=>newKey('k'+i,'v6')))
const document=new Uint8Array(50<<20).fill(65)
const r:number[]=[]
for(let i=0;i<9;i++){const s=process.cpuUsage();bytesOf(await sealFor([document],{recipients:[ks[0]!.certificate],signWith:ks[0]!.secret,now}));const e=process.cpuUsage(s);r.push((e.user+e.system)/1000)}
console.log(n,r.map(x=>x.toFixed(0)).join(' '))
