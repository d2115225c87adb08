import { readFileSync, readdirSync } from 'node:fs'
const f=process.argv[2]!; const p=JSON.parse(readFileSync(f,'utf8'))
const by=new Map(p.nodes.map((n:any)=>[n.id,n])); const self=new Map<string,number>()
let t=p.startTime; const gaps:any[]=[]
for(let i=0;i<p.samples.length;i++){const n:any=by.get(p.samples[i]);const d=p.timeDeltas[i]/1000;const k=`${n.callFrame.functionName||'(anon)'} ${n.callFrame.url.split('/').slice(-2).join('/')}:${n.callFrame.lineNumber}`;self.set(k,(self.get(k)??0)+d)}
for(const [k,v] of [...self].sort((a,b)=>b[1]-a[1]).slice(0,25))console.log(v.toFixed(1),k)
