import { readFileSync } from "node:fs";
const p = JSON.parse(readFileSync(process.argv[2])); const self = new Map(); const dt = p.timeDeltas; const by = new Map(p.nodes.map(n=>[n.id,n]));
p.samples.forEach((id,i)=>{const n=by.get(id).callFrame; const k=n.functionName+" "+n.url.split("/").slice(-3).join("/")+":"+n.lineNumber; self.set(k,(self.get(k)??0)+dt[i]);});
const tot=[...self.values()].reduce((a,b)=>a+b,0); [...self].sort((a,b)=>b[1]-a[1]).slice(0,40).forEach(([k,v])=>console.log((v/1e6).toFixed(2),(100*v/tot).toFixed(1)+"%",k));
