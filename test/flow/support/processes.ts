import { readFileSync, readdirSync } from 'node:fs';

/** A process; its start time (proc(5), field 22 of `stat`) distinguishes it from a later process with the same id. */
type ProcessId = { readonly pid: number; readonly startTime: string; readonly command: string };

/** A running process and all its descendants, in any group or session and of any user. */
export function familyOf(pid: number): readonly ProcessId[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
  const family = all.filter((process) => process.pid === pid);
  for (const parent of family) family.push(...all.filter((process) => process.parent === parent.pid));
  return family.map(({ pid: id, startTime, command }) => ({ pid: id, startTime, command }));
}

/** Which of these still run; one that has ended and waits for its parent to notice does not. */
export function stillRunning(processes: readonly ProcessId[]): readonly ProcessId[] {
  return processes.filter(({ pid, startTime }) => {
    const now = readStat(pid);
    return now !== null && now.startTime === startTime && now.state !== 'Z';
  });
}

function readStat(pid: number): (ProcessId & { parent: number; state: string }) | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in brackets and may itself hold spaces and brackets.
    const close = stat.lastIndexOf(')');
    const fields = stat.slice(close + 2).split(' ');
    const [state, parent, startTime] = [fields[0], fields[1], fields[19]];
    if (state === undefined || parent === undefined || startTime === undefined) return null;
    return { pid, startTime, command: stat.slice(stat.indexOf('(') + 1, close), parent: Number(parent), state };
  } catch {
    return null;
  }
}
