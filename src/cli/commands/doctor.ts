import { newRunId, openDoctor, openParts, openWarehouse } from '../../app/compose.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import { runDoctor, sendMarker } from '../../doctor/run-doctor.ts';
import { renderDoctor } from '../../terminal/doctor-report.ts';
import { answerTo } from '../confirm.ts';
import { untilSignal } from '../until-signal.ts';
import { action, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { sendMarker?: true; yes?: true };

export function doctorCommand(io: Io): Command {
  const command = verb('doctor', 'check bucket, notifications, queue, warehouse and permissions; say what fixes them', [
    ['sparkify doctor --local', 'of the embedded stack'],
    ['sparkify doctor', 'reads only; exit code 1 when a check failed'],
    ['sparkify doctor --send-marker', 'also send an object through bucket and queue to a running consumer'],
  ])
    .option('--send-marker', 'put an empty object below the log prefix and wait until a consumer settles it (asks)')
    .option('--yes', 'do not ask')
    .action(action<Options>(io, async (options) => await runDoctorCommand(options, io)));
  return withNotes(
    command,
    'The doctor works with your credentials, and needs permissions that the service does not have: s3:GetBucketLocation, ' +
      's3:GetBucketNotification and redshift:DescribeClusters; for --send-marker also s3:PutObject and s3:DeleteObject below the ' +
      'log prefix. What it may not look at is a warning.',
  );
}

async function runDoctorCommand(options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['bucket', 'queue', 'warehouse', 'copy']);
  const { bucket } = config;
  if (options.sendMarker === true && options.yes !== true) {
    const where = `s3://${bucket.name}/${bucket.logPrefix}`;
    if (!(await confirm(`This puts an empty object below ${where} and deletes it afterwards. Continue? [y/N] `, io))) {
      io.err('Nothing was changed.\n');
      return 1;
    }
  }
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const doctor = openDoctor(parts, { config, warehouse: openWarehouse(parts, config) });
    const looked = await runDoctor(doctor, signal);
    const marker = options.sendMarker === true ? [await sendMarker(doctor, { name: newRunId(), signal })] : [];
    const findings = [...looked, ...marker];
    io.out(options.json === true ? `${JSON.stringify(findings, null, 2)}\n` : renderDoctor(findings));
    return findings.some(({ level }) => level === 'failed') ? 1 : 0;
  });
}

async function confirm(question: string, io: Io): Promise<boolean> {
  const without = '--send-marker asks before it puts an object, and there is no terminal to ask on: add --yes';
  return /^y(es)?$/i.test(await answerTo(question, io, without));
}
