import { countOf } from '../core/count-of.ts';
import { IngestError } from '../core/errors.ts';
import { settledFilesPlan } from '../core/loading/load-plan.ts';
import type { FileEvent } from '../core/file-event.ts';
import { s3Uri } from '../core/loading/manifest.ts';
import { route } from '../core/route.ts';
import type { RouteSettings } from '../core/route.ts';
import type { LoadContext } from './load-context.ts';
import { runPlan } from './load-context.ts';
import { keysToProbe } from './probe-objects.ts';

/** Looks at batches of nothing but ignored files: with a wrong prefix or bucket, a consumer would ignore every file of its queue. */
export type StrayFiles = {
  /** @throws IngestError `prefix_unused` while no file below the prefixes has ever been seen. */
  readonly check: (context: LoadContext) => Promise<void>;
  /** The batch is committed: the log names the settings. */
  readonly onIgnored: (context: LoadContext) => void;
};

export function createStrayFiles(): StrayFiles {
  let isUsed = false;
  return {
    check: async (context) => {
      const strays = straysOf(context);
      if (strays.length === 0 || isUsed) return;
      isUsed = (await hasObjects(context)) || (await hasSettled(context));
      if (!isUsed) throw unused(strays, context.settings);
    },
    onIgnored: (context) => {
      const { batch, emit, settings } = context;
      const [first, ...others] = straysOf(context);
      if (first === undefined) return;
      const sentence = `${places(settings)} Correct the setting if these are logs or songs, and run "sparkify backfill".`;
      emit({
        kind: 'load.strays_ignored',
        batchId: batch.id,
        count: others.length + 1,
        example: s3Uri(first),
        sentence,
      });
    },
  };
}

/** New objects in other places than those of the datasets; folder markers and deletions are ignored with every setting. */
function straysOf({ batch, settings }: LoadContext): readonly FileEvent[] {
  if (batch.lane !== 'ignored') return [];
  return batch.files.filter((file) => {
    const routed = route(file, settings);
    return file.change === 'put' && routed.kind === 'record' && routed.isElsewhere;
  });
}

async function hasObjects({ settings, signal, store }: LoadContext): Promise<boolean> {
  for (const prefix of [settings.logPrefix, settings.songPrefix]) {
    for await (const _keys of keysToProbe({ settings, store }, { prefix, except: null, signal })) return true;
  }
  return false;
}

async function hasSettled(context: LoadContext): Promise<boolean> {
  const { rowsOf } = await runPlan(context, settledFilesPlan());
  return Number(rowsOf('counts')[0]?.['settled'] ?? 0) > 0;
}

function unused(strays: readonly FileEvent[], settings: RouteSettings): IngestError {
  const [first] = strays;
  const sentence =
    `The queue announces ${countOf(strays.length, 'new file')} elsewhere, such as ${first === undefined ? '' : s3Uri(first)}. ${places(settings)} ` +
    'The bucket has no object there, and none was ever settled. If a setting is wrong, correct it and start again: no message ' +
    'was deleted. If the files are to be ignored, the load resumes when the first log or song is in the bucket.';
  return new IngestError('prefix_unused', sentence, { seen: { files: strays.length } });
}

function places({ bucket, logPrefix, songPrefix }: RouteSettings): string {
  return (
    `Logs are expected below s3://${bucket}/${logPrefix} (SPARKIFY_BUCKET, SPARKIFY_LOG_PREFIX), ` +
    `songs below s3://${bucket}/${songPrefix} (SPARKIFY_SONG_PREFIX).`
  );
}
