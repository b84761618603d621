import { readFileSync, readdirSync } from 'node:fs';

/** Linux counts in ticks of 1/100 s for every program that asks (`getconf CLK_TCK`). */
const TICK_MS = 10;

/**
 * CPU time that this process and all its descendants have used, ended ones included, in ms. It says what work was done
 * where a clock also says what others did meanwhile. `null` where there is no /proc.
 */
export function cpuMs(): number | null {
  const processes = readProcesses();
  if (processes === null) return null;
  const family = new Set([process.pid]);
  // Parents mostly have smaller ids, but ids wrap around: until nobody is added.
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { parent, pid } of processes) if (family.has(parent)) family.add(pid);
  }
  const ticks = processes.filter(({ pid }) => family.has(pid)).reduce((sum, one) => sum + one.ticks, 0);
  return ticks * TICK_MS;
}

/** CPU time of one process so far, in ms; `null` where there is no /proc, and after its end. */
export function cpuMsOf(pid: number): number | null {
  const process = readProcess(pid);
  return process === null ? null : process.ticks * TICK_MS;
}

type Process = { readonly pid: number; readonly parent: number; readonly ticks: number };

function readProcesses(): readonly Process[] | null {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name)) ?? []);
  } catch {
    return null;
  }
}

/** proc(5): after the name in brackets come state, ppid, …, utime (14th of all), stime, cutime, cstime. */
function readProcess(pid: number): Process | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { pid, parent: Number(fields[1]), ticks };
  } catch {
    // It ended while we looked.
    return null;
  }
}
