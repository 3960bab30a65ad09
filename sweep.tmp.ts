import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { runCommand } from "/tmp/wt/calib/test/calibration/run-command.ts";
const D = "/work/shared/data/metrics/";
const S = "/tmp/wt/calib-scratch/s/";
const read = (f: string) => { const b = readFileSync(D + f); return (b[0] === 0x1f ? gunzipSync(b) : b).toString("utf8").replaceAll("\r\n","\n").replace(/^\uFEFF/,""); };
type T = { head: string[]; rows: string[][] };
const parse = (t: string): T => { const l = t.trimEnd().split("\n").map((x) => x.split(",")); return { head: l[0]!, rows: l.slice(1) }; };
const text = (t: T, d = ",") => [t.head, ...t.rows].map((r) => r.join(d)).join("\n") + "\n";
const first = (n: number) => (t: T): T => ({ head: t.head, rows: t.rows.slice(0, n) });
const hits: T = { head: ["timestamp","hits","misses"], rows: Array.from({length:60},(_,i)=>[new Date(Date.UTC(2026,2,2)+i*60000).toISOString(), String(900+((i*37)%41)), String(100+((i*53)%29))]) };
const pct: T = { head: ["timestamp","p50_ms","p90_ms","p99_ms","mean_ms"], rows: Array.from({length:12},(_,i)=>[new Date(Date.UTC(2026,2,2)+i*60000).toISOString(), (40+i%5).toFixed(2),(80+i%7).toFixed(2),(160+i%3).toFixed(2),(48+i%4).toFixed(2)]) };
interface Base { name: string; t: T; cmd: (f: string) => string[]; time?: number; secs?: number[]; num?: number; opt?: readonly string[]; }
const bases: Base[] = [
  { name: "usl", t: parse(read("usl/specsdm91.csv")), cmd: (f) => ["fit","usl",f], num: 1 },
  { name: "load-wrk2", t: parse(read("loadlatency/wrk2_mysql_drivers.csv")), cmd: (f) => ["fit","load",f] },
  { name: "load-tfb", t: first(600)(parse(read("loadlatency/tfb_round14.csv.gz"))), cmd: (f) => ["fit","load",f] },
  { name: "arrivals-elb", t: parse(read("nab/elb_request_count_8c0756.csv")), cmd: (f) => ["fit","arrivals",f,"--period","5min","--holdout","0.3"], time: 0, num: 1 },
  { name: "arrivals-llm", t: first(3000)(parse(read("arrivals/azure_llm_code.csv.gz"))), cmd: (f) => ["fit","arrivals",f,"--timestamps","TIMESTAMP"], time: 0 },
  { name: "demand-y", t: parse(read("usl/oracledb_0702_1500.csv")), cmd: (f) => ["fit","demand","--util",f,"--y","cpu_time","--x","call_rate,lio_rate,txn_rate"], time: 0, num: 2 },
  { name: "demand-util", t: parse(read("librede/host1_CPU_UTILIZATION.part1.csv")), cmd: (f) => ["fit","demand","--rt","WC0="+D+"librede/experiment1_WC0_RESPONSE_TIME.part1.csv","--rt","WC1="+D+"librede/experiment1_WC1_RESPONSE_TIME.part1.csv","--rt","WC2="+D+"librede/experiment1_WC2_RESPONSE_TIME.part1.csv","--util",f], time: 0, num: 1 },
  { name: "demand-rt", t: parse(read("librede/experiment1_WC0_RESPONSE_TIME.part1.csv")), cmd: (f) => ["fit","demand","--rt","WC0="+f,"--rt","WC1="+D+"librede/experiment1_WC1_RESPONSE_TIME.part1.csv","--rt","WC2="+D+"librede/experiment1_WC2_RESPONSE_TIME.part1.csv","--util",D+"librede/host1_CPU_UTILIZATION.part1.csv"], time: 0, secs: [1], num: 1 },
  { name: "service", t: first(800)(parse(read("librede/experiment1_WC1_RESPONSE_TIME.part1.csv"))), cmd: (f) => ["fit","service",f], time: 0, num: 1 },
  { name: "service-pct", t: pct, cmd: (f) => ["fit","service",f], time: 0, num: 1 },
  { name: "cache", t: first(20000)(parse(read("cache/cloudphysics_io.csv.gz"))), cmd: (f) => ["fit","cache",f,"--sizes","64MiB,128MiB"] },
  { name: "cache-hits", t: hits, cmd: (f) => ["fit","cache",f], time: 0, num: 1 },
  { name: "coldstart", t: (()=>{const t=parse(read("lambda/report_cold_java.csv")); return {head:t.head, rows:t.rows.filter(r=>r[7]==="Java GraalVM"&&["128","256"].includes(r[2]!))};})(), cmd: (f) => ["fit","coldstart",f] },
  { name: "coldstart-daily", t: first(600)(parse(read("lambda/daily_coldstart.csv.gz"))), cmd: (f) => ["fit","coldstart",f], time: 0 },
  { name: "failover-det", t: parse(read("failover/awsjdbc_enhanced_failure_monitoring_performance_with_different_failure_detection_configuration.csv")), cmd: (f) => ["fit","failover",f] },
  { name: "failover-so", t: parse(read("failover/awsjdbc_failover_performance_with_30_seconds_socket_timeout_configuration.csv")), cmd: (f) => ["fit","failover",f] },
  { name: "failover-aurora", t: parse(read("failover/aurora_pg_failover_5runs.csv")), cmd: (f) => ["fit","failover",f] },
  { name: "capacity", t: first(4000)(parse(read("capacity/azure_vm_noise_redis_get_rps.csv.gz"))), cmd: (f) => ["fit","capacity",f], num: 0 },
  { name: "drift", t: parse(read("nab/rds_cpu_utilization_cc0c53.csv")), cmd: (f) => ["fit","drift",f], time: 0, num: 1 },
];
const mapHead = (f: (h: string) => string) => (t: T): T => ({ head: t.head.map(f), rows: t.rows });
const mapCol = (c: number, f: (v: string, i: number) => string) => (t: T): T => ({ head: t.head, rows: t.rows.map((r, i) => r.map((v, k) => k === c ? f(v, i) : v)) });
const ms = (v: string) => { const n = Number(v); if (Number.isFinite(n)) return n > 1e17 ? n/1e6 : n > 1e14 ? n/1e3 : n > 1e11 ? n : n * 1000; const m = /\.(\d{4,})$/.exec(v.replace(/Z$/,"")); return Date.parse(v.replace(/Z$/,"").replace(" ", "T").replace(/\.\d+$/, "") + "Z") + (/\.(\d+)/.exec(v) ? Number("0."+/\.(\d+)/.exec(v)![1])*1000 : 0); };
const iso = (m: number) => { const s = Math.floor(m/1000); const fr = Math.round((m/1000 - s)*1e7).toString().padStart(7,"0"); return new Date(s*1000).toISOString().slice(0,19) + (Number(fr) ? "."+fr : ""); };
type V = { name: string; text: (b: Base) => string | Uint8Array | undefined };
const tv = (name: string, f: (t: T, b: Base) => T | undefined): V => ({ name, text: (b) => { const r = f(b.t, b); return r && text(r); } });
const times = (name: string, f: (m: number) => string): V => tv("time " + name, (t, b) => b.time === undefined ? undefined : mapCol(b.time, (v) => f(ms(v)))(t));
const camel = (h: string) => h.replace(/_([a-z0-9])/g, (_, c) => c.toUpperCase());
const variations: V[] = [
  tv("CAPS", (t) => mapHead((h) => h.toUpperCase())(t)),
  tv("Title Spaces", (t) => mapHead((h) => h.split("_").map((w) => w[0] ? w[0].toUpperCase() + w.slice(1) : w).join(" "))(t)),
  tv("camelCase", (t) => mapHead(camel)(t)),
  tv("reversed columns", (t) => ({ head: [...t.head].reverse(), rows: t.rows.map((r) => [...r].reverse()) })),
  tv("extra columns", (t) => ({ head: ["Region", ...t.head, "run_id"], rows: t.rows.map((r, i) => ["eu-west-1", ...r, String(i)]) })),
  tv("trailing comma", (t) => ({ head: [...t.head, ""], rows: t.rows.map((r) => [...r, ""]) })),
  tv("trailing comma in rows only", (t) => ({ head: t.head, rows: t.rows.map((r) => [...r, ""]) })),
  tv("row index first (pandas)", (t) => ({ head: ["", ...t.head], rows: t.rows.map((r, i) => [String(i), ...r]) })),
  tv("quoted", (t) => ({ head: t.head.map((h) => `"${h}"`), rows: t.rows.map((r) => r.map((v) => `"${v}"`)) })),
  tv("spaces around", (t) => ({ head: t.head.map((h) => ` ${h} `), rows: t.rows.map((r) => r.map((v) => ` ${v} `)) })),
  tv("space after comma, quoted", (t) => ({ head: t.head.map((h, i) => i ? ` "${h}"` : `"${h}"`), rows: t.rows.map((r) => r.map((v, i) => i ? ` "${v}"` : `"${v}"`)) })),
  { name: "CRLF BOM", text: (b) => "\uFEFF" + text(b.t).replaceAll("\n", "\r\n") },
  { name: "CR only", text: (b) => text(b.t).replaceAll("\n", "\r") },
  { name: "semicolon", text: (b) => text(b.t, ";") },
  { name: "semicolon decimal comma", text: (b) => b.t.rows[0]!.some((c) => /\d,\d/.test(c)) ? undefined : text({ head: b.t.head, rows: b.t.rows.map((r) => r.map((v) => /^-?\d+\.\d+$/.test(v) ? v.replace(".", ",") : v)) }, ";") },
  { name: "tab", text: (b) => text(b.t, "\t") },
  { name: "bar", text: (b) => text(b.t, "|") },
  { name: "gz", text: (b) => gzipSync(text(b.t)) },
  { name: "empty last lines", text: (b) => text(b.t) + "\n\n" },
  { name: "last line of delimiters", text: (b) => text(b.t) + ",".repeat(b.t.head.length - 1) + "\n" },
  { name: "no last newline", text: (b) => text(b.t).trimEnd() },
  { name: "comment lines first", text: (b) => "# exported 2026-03-02, host a\n" + text(b.t) },
  { name: "Excel sep=", text: (b) => "sep=,\n" + text(b.t) },
  { name: "unit row", text: (b) => text({ head: b.t.head, rows: [b.t.head.map((h) => /_s$/.test(h) ? "s" : /_ms$/.test(h) ? "ms" : "-"), ...b.t.rows] }) },
  times("ISO Z", (m) => iso(m) + "Z"), times("ISO T no zone", (m) => iso(m)), times("ISO space", (m) => iso(m).replace("T"," ")),
  times("ISO space Z", (m) => iso(m).replace("T"," ") + "Z"), times("ISO +02:00", (m) => iso(m + 7200e3) + "+02:00"), times("ISO +0200 space", (m) => iso(m + 7200e3).replace("T"," ") + " +0200"), times("ISO +02", (m) => iso(m + 7200e3).replace("T"," ") + "+02"),
  times("UTC word", (m) => iso(m).replace("T"," ") + " UTC"), times("slashes", (m) => iso(m).replace("T"," ").replaceAll("-","/")),
  times("epoch s", (m) => String(Math.round(m/1000))), times("epoch s decimal", (m) => (m/1000).toFixed(6)), times("epoch s float .0", (m) => Math.round(m/1000) + ".0"), times("epoch exp", (m) => (m/1000).toExponential(12)),
  times("epoch ms", (m) => String(Math.round(m))), times("epoch us", (m) => (m*1000).toFixed(0)), times("epoch ns", (m) => (BigInt(Math.round(m*1000))*1000n).toString()),
  times("US", (m) => { const d = new Date(m); return `${d.getUTCMonth()+1}/${d.getUTCDate()}/${d.getUTCFullYear()} ${d.getUTCHours()}:${String(d.getUTCMinutes()).padStart(2,"0")}:${String(d.getUTCSeconds()).padStart(2,"0")}`; }),
  times("German", (m) => { const d = new Date(m); const p=(n:number)=>String(n).padStart(2,"0"); return `${p(d.getUTCDate())}.${p(d.getUTCMonth()+1)}.${d.getUTCFullYear()} ${p(d.getUTCHours())}:${p(d.getUTCMinutes())}:${p(d.getUTCSeconds())}`; }),
  times("Apache", (m) => { const d = new Date(m); return d.toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, "$1/$2/$3:$4 +0000"); }),
  times("RFC 2822", (m) => `"${new Date(m).toUTCString()}"`),
  times("basic ISO", (m) => iso(m).replaceAll(/[-:]/g,"") + "Z"),
  ...([["empty",""],["NaN","NaN"],["-","-"],["null","null"],["N/A","N/A"],["?","?"]] as const).map(([n, c]) => tv("missing " + n, (t, b) => b.num === undefined ? undefined : mapCol(b.num, (v, i) => i === 5 ? c : v)(t))),
  tv("thousands", (t, b) => b.num === undefined ? undefined : mapCol(b.num, (v) => Number(v) >= 1000 ? `"${Number(v).toLocaleString("en")}"` : v)(t)),
];
const short = (o: any) => JSON.stringify(o);
function compare(a: string, b: string): string[] {
  const [x, y] = [JSON.parse(a), JSON.parse(b)]; const out: string[] = [];
  const ea = x.estimates ?? {}, eb = y.estimates ?? {};
  const keys = new Set([...Object.keys(ea), ...Object.keys(eb)]);
  let shown = 0;
  for (const k of keys) {
    const p = ea[k], q = eb[k];
    const norm = (e: any) => e && [e.state, e.value, ...(e.interval ?? [])];
    const close = (u: any, v: any) => u === v || (typeof u === "number" && typeof v === "number" && Math.abs(u - v) <= 2e-3 * Math.max(Math.abs(u), Math.abs(v)));
    const [m, n] = [norm(p), norm(q)];
    if (!m || !n || m.length !== n.length || m.some((u: any, i: number) => !close(u, n[i]))) { if (shown++ < 2) out.push(`${k}: ${short(m)} -> ${short(n)}`); }
  }
  if (shown > 2) out.push(`... ${shown} differ`);
  return out;
}
const only = process.argv[2] ? process.argv[2].split(",") : undefined;
const onlyV = process.argv[3];
for (const b of bases) {
  if (only && !only.includes(b.name)) continue;
  writeFileSync(S + b.name + ".csv", text(b.t));
  const t0 = performance.now();
  const sound = await runCommand(b.cmd(S + b.name + ".csv"));
  console.log(`== ${b.name} ${(performance.now()-t0).toFixed(0)} ms exit ${sound.exitCode} ${sound.stderr.slice(0,300)}`);
  if (sound.exitCode) continue;
  for (const v of variations) {
    if (onlyV && !v.name.includes(onlyV)) continue;
    const x = v.text(b); if (x === undefined) continue;
    const f = S + b.name + "-var." + (v.name === "gz" ? "csv.gz" : "csv"); writeFileSync(f, x);
    const r = await runCommand(b.cmd(f));
    if (r.exitCode !== 0) { let e: any; try { e = JSON.parse(r.stderr).error; } catch { e = r.stderr; } console.log(`  ${v.name}: EXIT ${r.exitCode} ${e.code ?? ""} ${String(e.problem ?? e).slice(0,230)} => ${e.remedy ?? ""} @${String(e.at ?? "").split("/").at(-1)}`); continue; }
    const d = compare(sound.stdout, r.stdout);
    if (d.length) console.log(`  ${v.name}: DIFF ${d.join(" | ").slice(0, 500)}`);
  }
}
