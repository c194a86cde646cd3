import { readFileSync, writeFileSync } from "node:fs";
import { stagesPicture } from "../packages/cli/src/bench/picture.ts";
const b = JSON.parse(readFileSync("/work/scratch/scale/b1/bench.json", "utf8"));
const runs = [...b.runs, ...b.runs.map((r: any) => ({ ...r, senderPeople: 30000, receiverPeople: 30000, seconds: r.seconds * 8, stages: r.stages.map((s: any) => ({ ...s, seconds: s.seconds * 9 })) }))];
writeFileSync("/work/scratch/scale/b1/stages.svg", stagesPicture(runs));
