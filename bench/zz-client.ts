import { fork } from 'node:child_process'
import { once } from 'node:events'
const child=fork('/work/main/bench/mail-house.ts',{execArgv:['--expose-gc',...(process.env.GC?['--trace-gc']:[]),...(process.env.PROF?['--cpu-prof','--cpu-prof-dir=/tmp/prof']:[])]})
const [r]=await once(child,'message') as any
const ask=async(w:string)=>{child.send(w);return (await once(child,'message'))[0] as any}
const head=`From: ${r.email}\r\nTo: ${r.email}\r\nSubject: big\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`
const line='abcdefghijklmnopqrstuvwxyz0123456789 abcdefghijklmnopqrstuvwxyz\r\n'
for (const size of [1<<20, 50<<20, 50<<20]) {
 const mail=Buffer.concat([Buffer.from(head),Buffer.alloc(size,line)])
 const post=async(path:string,body:Buffer)=>{const t=performance.now();const x=await fetch(`${r.url}/api/v1${path}_h=${r.sessid}`,{method:'POST',body:body as any,headers:{'Content-Type':'message/rfc822',Cookie:r.cookie,'X-Key-Password':encodeURIComponent('Schlüssel: 100% & „more“')}});const b=Buffer.from(await x.arrayBuffer());console.log(path,x.status,b.length,(performance.now()-t).toFixed(0),'ms'); if(x.status!==200)console.log(b.toString().slice(0,300)); return b}
 await ask('begin'); const sealed=await post('/mail/encrypt?sign=true&',mail); console.log(size,'encrypt',await ask('tell'))
 await ask('begin'); await post('/mail/decrypt?',sealed); console.log(size,'decrypt',await ask('tell'))
}
child.send('end'); await once(child,'exit')
