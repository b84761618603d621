import { readFileSync } from 'node:fs';

/**
 * The most memory a process has had resident since its start, in MB (`VmHWM` of `/proc/<pid>/status`, proc(5)). The
 * kernel counts it, so no peak between two looks is missed.
 *
 * @returns `null` where there is no `/proc`.
 */
export function peakMemoryMB(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? null : (Number(kibibytes) * 1024) / 1e6;
  } catch {
    return null;
  }
}
